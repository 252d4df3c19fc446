import CertificateReader
import Federation

extension SettingsLoading {
    mutating func readPeers() {
        var items: [PeerItem] = []
        var read: PeersFile?
        if let list = given["NOVA_FED_PEERS"] {
            items = PeerList.items(of: list.text, origin: list.origin)
        }
        if let file = given[PeersFile.key] {
            do throws(FileFault) {
                // Before the contents: what changes after it is then read again, and not missed.
                result.peersFile = try FileStamp(file.text)
                let bytes = try contents(of: file.text, atMost: PeersFile.maximumBytes)
                let peersFile = PeersFile(parsing: bytes, path: file.text)
                faults.merge(peersFile.faults)
                items += peersFile.items
                read = peersFile
            } catch {
                faults.report(fault(PeersFile.key, file.text, error.description, file.origin))
            }
        }
        let list = PeerList(items)
        faults.merge(list.faults)
        result.settings.peers = list.peers
        result.warnings += list.warnings
        if let read, let file = given[PeersFile.key] { expectWhole(read, file) }
        expectSettings()
    }

    /// Refuses a settings file that was cut to nothing, if all peers that are in force would go.
    private mutating func expectSettings() {
        guard let path = emptyFile, let count = running?.peers.count, count > 0,
            result.settings.peers.isEmpty
        else { return }
        let reason =
            "sets nothing, which would remove all \(count) peers; set NOVA_FED_SYNC_ENABLED=0 "
            + "if that is meant"
        faults.report(fault("--config", nil, reason, .file(path, line: 0)))
    }

    /// Refuses a peers file that looks cut off, if that would remove peers that are in force.
    private mutating func expectWhole(_ read: PeersFile, _ file: Given) {
        let before = running?.peersFile == file.text ? running?.peers ?? [] : []
        let kept = Set(result.settings.peers.map(\.url))
        let removed = before.filter { !kept.contains($0.url) }
        if let whole = read.peerCutOff(of: removed) {
            let reason =
                "ends without a line feed in what may be a part of \(whole.url); end the line"
            faults.report(fault(PeersFile.key, nil, reason, .file(file.text, line: 0)))
        }
        guard read.isVoid else { return }
        if removed.isEmpty {
            result.warnings.append("\(file.text): lists no peers; write [] if that is meant")
        } else {
            let reason =
                "is empty, which would remove \(removed.count) peers; write [] if that is meant"
            faults.report(fault(PeersFile.key, nil, reason, .file(file.text, line: 0)))
        }
    }

    /// Reads the file of authorities as libcurl will, rather than at the first pull over TLS.
    mutating func readAuthorities() {
        let key = "NOVA_FED_CA_FILE"
        guard let path = given[key] else { return }
        do throws(FileFault) {
            let bytes = try contents(of: path.text, atMost: Self.maximumAuthorityBytes)
            do throws(CertificateFault) {
                judge(try CertificateFile(parsing: bytes), path)
            } catch {
                faults.report(fault(key, path.text, error.description, path.origin))
            }
        } catch {
            faults.report(fault(key, path.text, error.description, path.origin))
        }
    }

    /// The largest file of authorities; Debian's bundle has a quarter of a megabyte.
    private static let maximumAuthorityBytes = 16 << 20
    /// The most certificates whose problems are named.
    private static let maximumNamed = 10

    /// A fault if no certificate can ever be used; a warning for each other problem.
    private mutating func judge(_ file: CertificateFile, _ path: Given) {
        result.authorities = file.certificates.count
        let problems = file.certificates.enumerated()
            .flatMap { index, certificate in
                certificate.problems.map {
                    "certificate \(index + 1) (\(certificate.subject)) \($0)"
                }
            }
        let named = problems.prefix(Self.maximumNamed)
        guard file.isUsable else {
            let reason = "has no certificate that can be used: \(named.joined(separator: "; "))"
            return faults.report(fault("NOVA_FED_CA_FILE", path.text, reason, path.origin))
        }
        result.warnings += named.map { "NOVA_FED_CA_FILE \(path.text): \($0)" }
        guard problems.count > named.count else { return }
        result.warnings.append(
            "NOVA_FED_CA_FILE \(path.text): and \(problems.count - named.count) more problems"
        )
    }
}
