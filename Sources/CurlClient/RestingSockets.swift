/// The sockets of kept connections that stay in the event queue although nothing is wanted of them.
///
/// The next transfer on the connection wants its socket again, which is then one system call and
/// not three: to take it out, to find that it is not there, and to put it in. A socket that becomes
/// ready while it rests was closed by the other side, and is taken out.
struct RestingSockets {
    /// By descriptor.
    private var isResting: [Bool] = []

    /// Notes whether a socket rests.
    mutating func set(_ socket: Int32, _ value: Bool) {
        while isResting.count <= Int(socket) { isResting.append(false) }
        isResting[Int(socket)] = value
    }

    /// Takes a socket off the list; false if it is not on it.
    mutating func remove(_ socket: Int32) -> Bool {
        guard isResting.indices.contains(Int(socket)), isResting[Int(socket)] else { return false }
        isResting[Int(socket)] = false
        return true
    }
}
