internal import StateStore

/// Pages for a browser that asked for something that does not exist.
package enum FaultPage {
    /// The response to an invalid parameter of `/` or `/peers/NAME`.
    package static func badParameter(_ fault: ParameterFault) -> [UInt8] {
        page(
            "Invalid parameter",
            """
            <p>\(isolated: fault.name.cut) \(fault.message).</p>
            <p><a href="/">Show all peers</a></p>
            """
        )
    }

    /// The response to a name that no pulled peer has.
    package static func noPeer(named name: String) -> [UInt8] {
        let name = name.cut
        var filter = PeerFilter()
        filter.text = name
        return page(
            "No such peer",
            """
            <p>This node pulls no peer with the name \(isolated: name).</p>
            <ul>
            <li><a href="\(filter.link)">Search for it</a>, or <a href="/">show all peers</a>.</li>
            <li>If it was renamed or removed, \
            <a href="/federation/events?peer=\(name.escapedForURL)">its events</a> show when.</li>
            <li>If peers are missing, check NOVA_FED_PEERS, the peers file and the last reload: \
            <code>nova-federation check</code>.</li>
            </ul>
            """
        )
    }

    private static func page(_ title: String, _ content: HTML) -> [UInt8] {
        HTMLDocument(
            title: "\(title) · nova-federation",
            refresh: nil,
            main: "<h1>\(title)</h1>\n\(content)",
            footer: "<p>nova-federation</p>"
        )
        .bytes
    }
}

extension String {
    /// The text cut to the length of a name, because clients choose it.
    fileprivate var cut: String {
        String(String.UnicodeScalarView(unicodeScalars.prefix(PeerFilter.textLimit)))
    }
}
