extension CurlClient {
    /// Runs the system's resolver on threads of its own, because it blocks without a bound.
    ///
    /// Not on Dispatch's threads: where the system refuses a thread, Dispatch would make this one
    /// sleep for a second at a time.
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

    /// Passes what a lookup came to on to the GETs that wait for it.
    private func settle(_ name: String, _ result: Result<[String], LookupFailure>) {
        let now = Self.now()
        let addresses = try? result.get()  // a failure is told to those who wait, below
        for serial in names.endLookup(of: name, addresses: addresses, at: now) {
            guard let transfer = transfers[serial] else { continue }
            switch result {
            case .success(let addresses):
                locate(transfer, NameTable.Answer(addresses: addresses, at: now), at: now)
            case .failure(let failure) where failure.isTimeout:
                _ = names.ask(name, for: serial, at: now)  // silence is no answer: it waits on
            case .failure(let failure):
                let cause: FetchFailure.Cause = failure.isLocal ? .internal : .nameNotFound
                end(transfer, transfer.lookupFailed(cause, failure.detail, at: now))
            }
        }
    }
}
