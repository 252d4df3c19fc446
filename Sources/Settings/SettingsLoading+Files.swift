internal import CertificateReader
internal import Federation
internal import Host

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
                result.warnings += peersFile.warnings
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
        guard faults.isEmpty else { return }
        let change = PeersGone(from: running?.peers ?? [], to: list.peers)
        if let read, let file = given[PeersFile.key] { expectWhole(read, file, change) }
        expectWholeSettings(change)
        if faults.isEmpty { expectStated(change, read) }
        warnOfPlainText(change)
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
            let reason =
                "contains no usable certificate: \(named.joined(separator: "; "))"
            return faults.report(fault("NOVA_FED_CA_FILE", path.text, reason, path.origin))
        }
        result.warnings += named.map { "NOVA_FED_CA_FILE \(path.text): \($0)" }
        guard problems.count > named.count else { return }
        result.warnings.append(
            "NOVA_FED_CA_FILE \(path.text): and \(problems.count - named.count) more problems"
        )
    }
}
