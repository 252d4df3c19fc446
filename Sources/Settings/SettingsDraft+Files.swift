internal import CertificateReader
internal import Federation
internal import Host

extension SettingsDraft {
    /// Reads the peers of NOVA_FED_PEERS and of the peers file, and refuses probable truncations.
    mutating func readPeers() {
        var items: [PeerItem] = []
        var read: PeersFile?
        if let list = given["NOVA_FED_PEERS"] {
            items = PeerList.items(of: list.text, origin: list.origin)
        }
        if let file = given[PeersFile.key] {
            do throws(FileFault) {
                // Taken before the contents, so that a later change is noticed.
                loaded.peersFile = try FileStamp(file.text)
                let bytes = try contents(of: file.text, atMost: PeersFile.maximumBytes)
                let peersFile = PeersFile(parsing: bytes, path: file.text)
                faults.merge(peersFile.faults)
                loaded.warnings += peersFile.warnings
                items += peersFile.items
                read = peersFile
            } catch {
                faults.report(PeersFile.key, file.text, error.description, file.origin)
            }
        }
        let list = PeerList(items)
        faults.merge(list.faults)
        loaded.settings.peers = list.peers
        loaded.warnings += list.warnings
        guard faults.isEmpty else { return }
        let losses = PeerLosses(from: running?.peers ?? [], to: list.peers)
        if let read, let file = given[PeersFile.key] { refuseTruncated(read, file, losses) }
        refuseTruncatedSettings(losses)
        if faults.isEmpty { refuseRemovalOfAll(losses, read) }
        warnOfPlainText(losses)
    }

    /// Checks NOVA_FED_CA_FILE as libcurl will read it, before the first pull over TLS fails.
    mutating func readAuthorities() {
        let key = "NOVA_FED_CA_FILE"
        guard let path = given[key] else { return }
        do throws(FileFault) {
            let bytes = try contents(of: path.text, atMost: Self.maximumAuthorityBytes)
            do throws(CertificateFault) {
                check(try CertificateFile(parsing: bytes), path)
            } catch {
                faults.report(key, path.text, error.description, path.origin)
            }
        } catch {
            faults.report(key, path.text, error.description, path.origin)
        }
    }

    /// The size limit of NOVA_FED_CA_FILE; Debian's bundle has a quarter of a megabyte.
    private static let maximumAuthorityBytes = 16 << 20
    /// The maximum number of certificate problems that are named.
    private static let maximumNamed = 10

    /// Reports a fault if no certificate is usable, otherwise a warning per problem.
    private mutating func check(_ file: CertificateFile, _ path: GivenSettings.Text) {
        loaded.certificateCount = file.certificates.count
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
            return faults.report("NOVA_FED_CA_FILE", path.text, reason, path.origin)
        }
        loaded.warnings += named.map { "NOVA_FED_CA_FILE \(path.text): \($0)" }
        guard problems.count > named.count else { return }
        loaded.warnings.append(
            "NOVA_FED_CA_FILE \(path.text): and \(problems.count - named.count) more problems"
        )
    }
}
