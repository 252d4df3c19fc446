import CurlClient
import Federation
import FoundationEssentials
import Host
import Logging
import Settings
import StateStore
import UnixSignals

/// What a node needs from the system before its parts exist: signals, its identity, the client that
/// pulls, and the source of its own numbers.
struct OpenedNode {
    let signals: UnixSignalsSequence
    let hangUps: UnixSignalsSequence
    let supervisor: Supervisor
    let inForce: SettingsInForce
    let identity: NodeIdentity
    let client: CurlClient
    let origin: NumbersOrigin
    let state: OpenedState
    let time = SystemTime()
    let log: Logger

    init(
        _ loaded: LoadedSettings,
        log: Logger,
        threshold: LogThreshold
    ) async throws(NodeFault) {
        // First: from here on a signal is a request and does not kill the process.
        signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        hangUps = await UnixSignalsSequence(trapping: .sighup)
        FileLimit.raise()
        let settings = loaded.settings
        inForce = SettingsInForce(loaded, wall: time.wallNow, threshold: threshold)
        supervisor = Supervisor(environment: ProcessInfo.processInfo.environment)
        self.log = log
        do throws(StateDirectory.Fault) {
            let made = try OwnIdentity.determine(for: settings)
            if made.isTemporary { log.warning("\(OwnIdentity.temporaryWarning)") }
            identity = made.identity
        } catch {
            throw .stateDirectory(error)
        }
        do throws(StoreFault) {
            state = try OpenedState(settings, time: time, log: log)
        } catch {
            throw .state(error)
        }
        do throws(SystemError) {
            client = try CurlClient(
                limits: FetchLimits(loaded, keptConnections: settings.keptConnections)
            )
            origin = try inForce.numbersOrigin(for: identity, time: time)
        } catch {
            throw .system(error)
        }
    }
}
