import Dispatch

extension CurlClient {
    /// Lets the system's resolver work on threads of its own; it blocks for as long as it likes.
    func startLookups() {
        while let name = names.startLookup() {
            DispatchQueue(label: "lookup")
                .async { [weak self, resolver] in
                    let result = resolver(name)
                    Task { await self?.endLookup(of: name, result) }
                }
        }
    }

    private func endLookup(of name: String, _ result: Result<[String], LookupFailure>) {
        let now = Self.now()
        let addresses = try? result.get()  // a failure is told to those who wait, below
        for serial in names.endLookup(of: name, addresses: addresses, at: now) {
            guard let transfer = transfers[serial] else { continue }
            switch result {
            case .success(let addresses):
                locate(transfer, NameTable.Answer(addresses: addresses, at: now), at: now)
            case .failure(let failure) where failure.isSilence:
                _ = names.ask(name, for: serial, at: now)  // silence is no answer: it waits on
            case .failure(let failure):
                end(transfer, transfer.failedLookingUp(.nameNotFound, failure.detail, at: now))
            }
        }
        startLookups()
    }
}
