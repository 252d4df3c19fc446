import FoundationEssentials
import Pages

extension ShownEvent {
    /// One line: the time in UTC, the id, the peer if `named`, and what happened.
    func line(named: Bool) -> String {
        let peer = named ? peer.map { $0.printable(upTo: 64) + "  " } ?? "" : ""
        return "\(at.asTime)  #\(id)  \(peer)\(text.printable(upTo: 300))"
    }
}

extension Double {
    /// Unix seconds as a time in UTC; as a number if the year is not within 1 to 9999.
    var asTime: String {
        guard (-62_135_596_800..<253_402_300_800).contains(self) else { return "\(self)" }
        return Date(timeIntervalSince1970: self).formatted(.iso8601.dateTimeSeparator(.space))
    }
}
