internal import Federation

extension PeerDetail {
    /// The box about the stale numbers of a peer that is up; nil if they are not stale.
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
