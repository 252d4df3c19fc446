/// A key of the keyboard that `top` distinguishes.
enum TopKey: Hashable, Sendable {
    /// A printable character, or a part of one.
    case scalar(UnicodeScalar)
    case up
    case down
    case pageUp
    case pageDown
    case home
    case end
    case enter
    case escape
    case backspace
    /// ^C or ^\.
    case interrupt
    /// ^Z.
    case suspend
    /// ^L.
    case redraw
}
