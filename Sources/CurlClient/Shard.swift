internal import CCurl

/// The transfers of some keys, and the multi handle that they share.
///
/// On the client's thread only.
final class Shard {
    let index: Int
    let multi: MultiHandle

    init(index: Int, keptConnections: Int) {
        self.index = index
        multi = MultiHandle(keptConnections: keptConnections)
    }
}
