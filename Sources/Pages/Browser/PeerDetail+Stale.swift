internal import Federation

extension PeerDetail {
    /// That the numbers of a peer that is up are stale, and what to try; nil if they are not.
    var stale: HTML? {
        peer.staleAge.map { age in
            """
            <section class="box bad" aria-labelledby="stale">
            <h2 id="stale">Stale numbers</h2>
            <p>It responds, but its numbers have not changed for \(age.asDuration), so it is not \
            live and does not count.</p>
            <p>\(PeerAdvice.textForStale(url: peer.peer.url)) \
            The runbook has a section \(PeerAdvice.staleSection).</p>
            </section>
            """
        }
    }
}
