import CurlClient
import Federation
import StateStore
import Timing

/// The saved state of the last run, and the names of its values.
struct SavedState: Sendable {
    static let savedAt = "saved_at"
    static let local = "local"
    static let addresses = "addresses"

    let time: SavedTime
    /// By URL.
    let peers: [String: [UInt8]]
    let values: [String: [UInt8]]

    /// Reads the rows of the configured peers, and the values.
    init(
        _ file: StateStore,
        peers urls: Set<String>,
        now: Instant,
        wall: Double
    ) throws(StoreFault) {
        values = try file.values()
        var peers: [String: [UInt8]] = [:]
        try file.readPeers { url, row in if urls.contains(url) { peers[url] = row } }
        self.peers = peers
        var row = values[Self.savedAt].map(ByteReader.init)
        let savedAt = try? row?.finite()  // without it the gap is unknown
        time = SavedTime(now: now, wall: wall, savedAt: savedAt ?? wall)
    }

    /// The row of a Unix time in seconds.
    static func row(of unixTime: Double) -> [UInt8] {
        var row = ByteWriter()
        row.put(unixTime)
        return row.bytes
    }
}

/// The row of the last good addresses of each name, used while DNS gives no answer.
extension KnownAddresses {
    static func row(of all: [KnownAddresses], by time: SavedTime) -> [UInt8] {
        var row = ByteWriter()
        for known in all {
            row.put(known.name)
            row.put(time.unixTime(of: known.at))
            row.put(UInt8(clamping: known.addresses.count))
            for address in known.addresses.prefix(Int(UInt8.max)) { row.put(address) }
        }
        return row.bytes
    }

    /// The addresses in a row, up to the first damaged entry.
    static func all(in bytes: [UInt8], by time: SavedTime) -> [KnownAddresses] {
        var row = ByteReader(bytes)
        var all: [KnownAddresses] = []
        do throws(SavedRowFault) {
            while !row.isAtEnd {
                let (name, at) = try (row.string(), row.double())
                var addresses: [String] = []
                for _ in try 0..<row.byte() { addresses.append(try row.string()) }
                guard let moment = time.moment(at: at) else { continue }
                all.append(KnownAddresses(name: name, addresses: addresses, at: moment))
            }
        } catch {
            return all
        }
        return all
    }
}
