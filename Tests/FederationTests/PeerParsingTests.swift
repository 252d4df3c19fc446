import Testing

@testable import Federation

/// Parsing one item of a list of peers.
struct PeerParsingTests {
    @Test(
        arguments: [
            ("http://10.0.0.11:8100", "10.0.0.11:8100", "http://10.0.0.11:8100"),
            ("http://10.0.0.11", "10.0.0.11:80", "http://10.0.0.11:80"),
            ("https://nova.example", "nova.example:443", "https://nova.example:443"),
            ("HTTPS://Nova.Example:8443/", "nova.example:8443", "https://nova.example:8443"),
            ("http://h/nova/eu//", "h:80/nova/eu", "http://h:80/nova/eu"),
            ("http://h/a%20b", "h:80/a%20b", "http://h:80/a%20b"),
            ("  http://h\t", "h:80", "http://h:80"),
            ("http://[::1]:8100", "[::1]:8100", "http://[::1]:8100"),
            ("http://[2001:DB8:0:0:0:0:0:1]", "[2001:db8::1]:80", "http://[2001:db8::1]:80"),
            ("http://nova_1.internal.", "nova_1.internal.:80", "http://nova_1.internal.:80"),
            ("east=http://h", "east", "http://h:80"),
            ("e.a-s_t=http://h/x=y", "e.a-s_t", "http://h:80/x=y"),
            ("http://h/x=y", "h:80/x=y", "http://h:80/x=y"),
            ("http://h:65535", "h:65535", "http://h:65535"),
        ]
    )
    func `an item has its label and its normalised URL`(
        item: String,
        label: String,
        url: String
    ) throws {
        let peer = try Peer(parsing: item)
        #expect(peer.label == label)
        #expect(peer.url == url)
        #expect(peer.summaryURL == url + "/federation/sync/summary")
        #expect(try Peer(parsing: peer.url).url == url)
    }

    @Test(
        arguments: [
            ("", PeerFault.empty),
            ("   ", .empty),
            ("http://", .emptyHost),
            ("http:///path", .emptyHost),
            ("http://:8100", .emptyHost),
            ("10.0.0.1:8100", .missingScheme(suggestion: "http://10.0.0.1:8100")),
            ("a=10.0.0.1:8100", .missingScheme(suggestion: "a=http://10.0.0.1:8100")),
            ("http:/h", .missingScheme(suggestion: "http://http:/h")),
            ("ftp://h", .unsupportedScheme("ftp")),
            ("file:///etc/passwd", .unsupportedScheme("file")),
            ("a=b=http://h", .unsupportedScheme("b=http")),
            ("://h", .unsupportedScheme("")),
            (".=http://h", .badName(".")),
            ("..=http://h", .badName("..")),
            ("http://user@h", .userInfo),
            ("http://user:secret@h:80/", .userInfo),
            ("user:secret@h", .userInfo),
            ("http://user:sec/ret@h", .userInfo),
            ("user:secret=@h", .userInfo),
            ("http://user:secret%40h", .userInfo),
            ("http://user:sec/ret%40h", .userInfo),
            ("user:secret%40h", .userInfo),
            ("http://user:secret", .badPort),
            ("h/p?secret", .missingScheme(suggestion: "http://h/p")),
            ("http://h?x", .query),
            ("http://h/p?x=1", .query),
            ("http://h#x", .fragment),
            ("http://h:", .badPort),
            ("http://h:0", .badPort),
            ("http://h:65536", .badPort),
            ("http://h:+80", .badPort),
            ("http://h:8 1", .blank),
            ("http://h\t:81", .blank),
            ("http://h\n", .controlCharacter),
            ("http://h\u{7F}", .controlCharacter),
            ("http://h\u{F6}st", .nonASCII),
            ("http://::1", .badBrackets),
            ("http://[::1", .badBrackets),
            ("http://[]", .badBrackets),
            ("http://[::1%25eth0]", .badBrackets),
            ("http://[10.0.0.1]", .badBrackets),
            ("http://a..b", .badHost("a..b")),
            ("http://a,b", .badHost("a,b")),
            ("http://127.1", .badHost("127.1")),
            ("http://2130706433", .badHost("2130706433")),
            ("http://0x7f.0.0.0x1", .badHost("0x7f.0.0.0x1")),
            ("http://010.0.0.1", .badHost("010.0.0.1")),
            ("http://10.0.0.256", .badHost("10.0.0.256")),
            ("http://10.0.0.1.", .badHost("10.0.0.1.")),
            ("http://h/../x", .badPath),
            ("http://h/%zz", .badPath),
            ("http://h/%2", .badPath),
            ("http://h/<x>", .badPath),
            ("=http://h", .badName("")),
            ("a b=http://h", .blank),
            ("a/b=http://h", .badName("a/b")),
        ]
    )
    func `an invalid item is refused with its reason`(item: String, fault: PeerFault) {
        #expect(throws: fault) { try Peer(parsing: item) }
    }

    @Test
    func `names and items have a maximum length`() throws {
        let name = String(repeating: "n", count: Peer.maximumNameBytes)
        #expect(try Peer(parsing: "\(name)=http://h").label == name)
        #expect(throws: PeerFault.badName(name + "n")) {
            try Peer(parsing: "\(name)n=http://h")
        }
        let path = String(repeating: "p", count: Peer.maximumBytes - "http://h/".utf8.count)
        #expect(try Peer(parsing: "http://h/" + path).pathPrefix == "/" + path)
        #expect(throws: PeerFault.tooLong) { try Peer(parsing: "http://h/p" + path) }
        let label = String(repeating: "a", count: 63)
        #expect(try Peer(parsing: "http://\(label)").host == label)
        #expect(throws: PeerFault.badHost(label + "a")) { try Peer(parsing: "http://\(label)a") }
    }

    @Test
    func `the fault for a missing scheme suggests the probable item`() {
        let fault = PeerFault.missingScheme(suggestion: "http://h:1")
        #expect(fault.description.contains("did you mean http://h:1?"))
    }
}

/// The spellings of an IPv6 address.
struct PeerAddressTests {
    @Test(
        arguments: [
            ("::", "::"),
            ("0:0:0:0:0:0:0:0", "::"),
            ("0::1", "::1"),
            ("1::", "1::"),
            ("2001:DB8::00ff", "2001:db8::ff"),
            ("1:0:0:2:0:0:0:3", "1:0:0:2::3"),
            ("1:0:0:2:3:0:0:4", "1::2:3:0:0:4"),
            ("1:0:2:3:4:5:6:7", "1:0:2:3:4:5:6:7"),
            ("1:2:3:4:5:6:0::", "1:2:3:4:5:6::"),
            ("::ffff:10.0.0.1", "::ffff:a00:1"),
        ]
    )
    func `every spelling is normalized to the shortest one`(text: String, canonical: String) {
        #expect(IPv6Address(parsing: text[...])?.description == canonical)
    }

    @Test(
        arguments: [
            "", ":", "1", ":::", "1::2::3", "12345::", "g::", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9",
            "1:2:3:4:5:6:7::8", "10.0.0.1", "10.0.0.1::", "::10.0.0", "::1:", ":1::", "+1::",
        ]
    )
    func `an invalid address is refused`(text: String) {
        #expect(IPv6Address(parsing: text[...]) == nil)
    }
}
