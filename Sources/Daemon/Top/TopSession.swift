import Host
import NodeClient
import Timing
import UnixSignals

/// The screen of `top` from its start to its end.
///
/// One task reads all events and draws; others wait for input, signals and responses, so no key
/// waits for the node.
struct TopSession {
    /// Events that wait to be handled; the oldest are dropped.
    private static let maximumEvents = 256
    /// A sequence of a key arrives within this time.
    private static let sequenceTime = Duration.milliseconds(50)
    /// A process that ^Z stops has stopped within this time.
    private static let stopTime = Duration.milliseconds(500)

    private let terminal: Terminal
    private let encoding: TextEncoding
    private var state = TopState()
    private var snapshot: TopSnapshot
    private var list: TopList
    /// Of the latest request.
    private var failure: NodeFailure?
    private var keys = KeyReader()
    private var reads = 0
    /// When ^Z was pressed; nil while the screen is shown.
    private var suspended: Instant?

    init(_ terminal: Terminal, _ encoding: TextEncoding, first snapshot: TopSnapshot) {
        (self.terminal, self.encoding, self.snapshot) = (terminal, encoding, snapshot)
        list = TopList(snapshot.rows, sort: state.sort, filter: state.filter)
    }

    /// Shows the screen until the user or a signal ends it; the terminal is restored.
    mutating func run(_ feed: TopFeed) async throws(StreamFault) {
        let signals = await UnixSignalsSequence(
            trapping: .sigint,
            .sigterm,
            .sighup,
            .sigquit,
            .sigwinch,
            .sigcont
        )
        let watched = WatchedPeer()
        let (events, sink) = AsyncStream.makeStream(
            of: TopEvent.self,
            bufferingPolicy: .bufferingNewest(Self.maximumEvents)
        )
        let terminal = terminal
        try terminal.enter()
        defer { terminal.leave() }
        if ProcessStart.hangUpCame { return }
        let fault = await withTaskGroup(of: Void.self) { group -> StreamFault? in
            group.addTask { await Self.pass(signals, to: sink) }
            group.addTask {
                for await bytes in terminal.input() { sink.yield(.read(bytes)) }
                sink.yield(.stop)
            }
            group.addTask {
                var feed = feed
                while !Task.isCancelled {
                    sink.yield(.response(await feed.next(watched)))
                }
            }
            group.addTask {
                while (try? await Task.sleep(for: .seconds(1))) != nil { sink.yield(.draw) }
            }
            defer { group.cancelAll() }
            do throws(StreamFault) {
                try await show(events, sink, watched)
                return nil
            } catch {
                return error
            }
        }
        if let fault { throw fault }
    }

    private static func pass(
        _ signals: UnixSignalsSequence,
        to sink: AsyncStream<TopEvent>.Continuation
    ) async {
        for await signal in signals {
            switch signal {
            case .sigwinch: sink.yield(.draw)
            case .sigcont: sink.yield(.resume)
            default: sink.yield(.stop)
            }
        }
    }

    private mutating func show(
        _ events: AsyncStream<TopEvent>,
        _ sink: AsyncStream<TopEvent>.Continuation,
        _ watched: WatchedPeer
    ) async throws(StreamFault) {
        try draw()
        for await event in events {
            var pressed: [TopKey] = []
            switch event {
            case .read(let bytes):
                pressed = keys.read(bytes)
                reads += 1
                let read = reads
                guard keys.isPending else { break }
                Task {
                    try? await Task.sleep(for: Self.sequenceTime)
                    sink.yield(.pause(afterRead: read))
                }
            case .pause(let read): if read == reads { pressed = keys.endSequence() }
            case .response(.success(let new)):
                (snapshot, failure) = (new, nil)
                list = TopList(snapshot.rows, sort: state.sort, filter: state.filter)
            case .response(.failure(let error)): failure = error
            case .draw: try resumeIfIgnored()
            case .resume: try resume()
            case .stop: return
            }
            guard try apply(pressed) else { return }
            watched.name = state.detail?.name
            try draw()
        }
    }

    /// Applies keys; false if one of them ends the command.
    private mutating func apply(_ keys: [TopKey]) throws(StreamFault) -> Bool {
        for key in keys {
            guard try apply(key) else { return false }
        }
        return true
    }

    private mutating func apply(_ key: TopKey) throws(StreamFault) -> Bool {
        let (sort, filter) = (state.sort, state.filter)
        let screen = screen
        let lines = state.detail.map { screen.detailLines($0).count } ?? 0
        switch state.apply(key, to: list, page: screen.page, lines: lines) {
        case .quit: return false
        case .suspend:
            terminal.leave()
            suspended = SystemClock.now
            terminal.suspend()
        case .redraw: try terminal.enter()
        case nil: break
        }
        if (sort, filter) != (state.sort, state.filter) {
            list = TopList(snapshot.rows, sort: state.sort, filter: state.filter)
        }
        state.follow(list, page: screen.page)
        return true
    }

    private var screen: TopScreen {
        let size = terminal.size
        return TopScreen(
            snapshot: snapshot,
            list: list,
            state: state,
            columns: size.columns,
            rows: size.rows,
            notice: snapshot.notice(failure, now: SystemClock.wall)
        )
    }

    private mutating func resume() throws(StreamFault) {
        suspended = nil
        try terminal.enter()
    }

    /// Shows the screen again if the process was not stopped by ^Z.
    private mutating func resumeIfIgnored() throws(StreamFault) {
        guard let suspended, SystemClock.now - suspended > Self.stopTime else { return }
        try resume()
    }

    private mutating func draw() throws(StreamFault) {
        guard suspended == nil else { return }
        state.follow(list, page: screen.page)
        try StandardStream.output.write(ScreenLine.frame(screen.lines, encoding))
    }
}
