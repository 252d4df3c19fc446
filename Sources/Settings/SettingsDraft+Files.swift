internal import CertificateReader
internal import Federation
internal import Host

extension SettingsDraft {
    /// Reads the peers of NOVA_FED_PEERS and of the peers file, and refuses probable truncations.
    mutating func readPeers() {
        var items: [PeerItem] = []
        var file: PeersFile?
        if let list = given["NOVA_FED_PEERS"] {
            items = PeerList.items(of: list.text, origin: list.origin)
        }
        if let path = given[PeersFile.key]?.text {
            // Taken before the contents, so that a later change is noticed.
            loaded.peersFile = try? FileStamp(path)
            if let bytes = read(PeersFile.key, atMost: PeersFile.maximumBytes) {
                let peersFile = PeersFile(parsing: bytes, path: path)
                faults.merge(peersFile.faults)
                loaded.warnings += peersFile.warnings
                items += peersFile.items
                file = peersFile
            }
        }
        let list = PeerList(items)
        faults.merge(list.faults)
        loaded.settings.peers = list.peers
        loaded.warnings += list.warnings
        guard faults.isEmpty else { return }
        let losses = PeerLosses(from: running?.peers ?? [], to: list.peers)
        if let file { refuseTruncated(file, losses) }
        refuseTruncatedSettings(losses)
        if faults.isEmpty { refuseRemovalOfAll(losses, file) }
        warnOfPlainText(losses)
    }

    /// The size limit of a file of certificates; Debian's bundle has a quarter of a megabyte.
    static let maximumAuthorityBytes = 16 << 20
    /// The maximum number of certificate problems that are named.
    private static let maximumNamed = 10

    /// Reads a file of trusted certificates, and adds a warning for each problem of one.
    ///
    /// - Returns: The bytes and the certificates of the file; nil if there is none, or if it has a
    ///   fault, which is reported.
    mutating func readCertificates(_ key: String) -> (bytes: [UInt8], file: CertificateFile)? {
        guard let bytes = read(key, atMost: Self.maximumAuthorityBytes), let path = given[key]
        else { return nil }
        do throws(CertificateFault) {
            let file = try CertificateFile(parsing: bytes)
            let problems = file.certificates.enumerated()
                .flatMap { index, certificate in
                    certificate.problems.map {
                        "certificate \(index + 1) (\(certificate.subject)) \($0)"
                    }
                }
            var named = Array(problems.prefix(Self.maximumNamed))
            guard file.isUsable else {
                let reason = "contains no usable certificate: \(named.joined(separator: "; "))"
                faults.report(key, path.text, reason, path.origin)
                return nil
            }
            let others = problems.count - named.count
            if others > 0 { named.append("and \(others) more problems") }
            loaded.warnings += named.map { "\(key) \(path.text): \($0)" }
            return (bytes, file)
        } catch {
            faults.report(key, path.text, error.description, path.origin)
            return nil
        }
    }

    /// Reads the file that a setting names; reports a fault and returns nil if that fails.
    mutating func read(_ key: String, atMost maximumBytes: Int) -> [UInt8]? {
        guard let path = given[key] else { return nil }
        do throws(FileFault) {
            return try contents(of: path.text, atMost: maximumBytes)
        } catch {
            faults.report(key, path.text, error.description, path.origin)
            return nil
        }
    }
}
