internal import Timing

// Name lookups.
extension CurlClient {
    /// The last good addresses of the names of this client.
    package var knownAddresses: [KnownAddresses] { names.known }

    /// Takes over addresses that another process knew: they are used until DNS gives others.
    package func restore(_ known: [KnownAddresses]) { names.restore(known) }

    /// Starts the lookups that are due, each on its own thread, because the resolver may block.
    ///
    /// Dispatch is not used: if the system refuses a thread, Dispatch makes the caller sleep for
    /// seconds.
    func startLookups() {
        while let name = names.takeNextLookup() {
            do throws(SystemError) {
                try startThread(named: "lookup") { [weak self, resolver] in
                    let result = resolver(name)
                    Task { await self?.endLookup(of: name, result) }
                }
            } catch {
                settle(name, .failure(LookupFailure(detail: "\(error)", isLocal: true)))
            }
        }
    }

    private func endLookup(of name: String, _ result: Result<[String], LookupFailure>) {
        settle(name, result)
        startLookups()
    }

    /// Continues the fetches that wait for a lookup.
    private func settle(_ name: String, _ result: Result<[String], LookupFailure>) {
        let now = SystemClock.now
        let addresses = try? result.get()  // failures are handled below
        for serial in names.endLookup(of: name, addresses: addresses, at: now) {
            guard let transfer = transfers[serial] else { continue }
            switch result {
            case .success(let addresses):
                transfer.setAddresses(NameTable.Answer(addresses: addresses, at: now), at: now)
                connect(transfer, at: now)
            case .failure(let failure) where failure.isTimeout:
                _ = names.resolve(name, for: serial, at: now)  // keeps waiting
            case .failure(let failure):
                let cause: FetchFailure.Cause = failure.isLocal ? .internal : .nameNotFound
                finish(transfer, transfer.lookupFailed(cause, failure.detail, at: now))
            }
        }
    }
}
