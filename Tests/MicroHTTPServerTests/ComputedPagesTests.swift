import TestSupport
import Testing

@testable import MicroHTTPServer

/// Computed pages at a moment that a test chooses, with exchanges numbered from 1.
private struct Desk {
    var pages: ComputedPages
    /// Seconds since the start, in whole milliseconds.
    var now = 0.0
    var held = 0
    var isDraining = false
    private let start = ContinuousClock.now
    private var exchanges: [Exchange] = []
    /// Rendered pages; clients still read them.
    private(set) var sent: [Page] = []
    /// How each exchange was answered, and when.
    private(set) var answers: [Int: [(reply: String, at: Double)]] = [:]
    private(set) var isRendering = false
    /// When `wake` is due.
    private(set) var wakes: [Double] = []

    init(_ limits: Configuration = Configuration(host: "", port: 0)) {
        pages = ComputedPages(limits)
    }

    var count: Int { exchanges.count }

    private var conditions: ComputedPages.Conditions {
        let moment = start + .milliseconds(Int((now * 1000).rounded()))
        return .init(now: moment, heldBytes: held, isDraining: isDraining)
    }

    /// One more exchange asks for a page.
    mutating func ask(_ key: String? = nil) -> [String] {
        let exchange = Exchange(on: nil, head: Extent(start: 0, count: 0), for: Destination("/"))
        exchanges.append(exchange)
        let page = ComputedPage(key: key) { text("") }
        return note(pages.ask(page, for: exchange, in: conditions))
    }

    mutating func render() -> [String] {
        isRendering = false
        sent.append(Page(text("page")))
        return note(pages.rendered(sent[sent.count - 1], in: conditions))
    }

    mutating func wake() -> [String] {
        wakes.removeAll { $0 <= now }
        return note(pages.wake(in: conditions))
    }

    mutating func close() -> [String] { note(pages.close()) }

    func small(_ key: String) -> String {
        switch pages.askSmall(key, in: conditions) {
        case .render: "render"
        case .share: "share"
        case .refuse(let refusal): refusal.rawValue
        }
    }

    mutating func sendSmall(_ key: String) {
        sent.append(Page(text("page")))
        pages.sendSmall(sent[sent.count - 1], for: key, began: conditions.now)
    }

    /// Actions in words: `render a`, `1 2: page`, `wake 10.0`.
    private mutating func note(_ actions: [ComputedPages.Action]) -> [String] {
        actions.map { action in
            switch action {
            case .render(let page):
                #expect(!isRendering, "one page at a time")
                isRendering = true
                return "render \(page.key ?? "own")"
            case .answer(let answered, let reply):
                let numbers = answered.compactMap { exchange in
                    exchanges.firstIndex { $0 === exchange }.map { $0 + 1 }
                }
                for number in numbers { answers[number, default: []].append((word(reply), now)) }
                return "\(numbers.map(String.init).joined(separator: " ")): \(word(reply))"
            case .wake(let moment):
                let seconds = ((moment - start) / .milliseconds(1)).rounded() / 1000
                wakes.append(seconds)
                return "wake \(seconds)"
            }
        }
    }

    private func word(_ reply: ComputedPages.Reply) -> String {
        switch reply {
        case .page: "page"
        case .refused(let refusal): refusal.rawValue
        case .late: "late"
        case .stopping: "stopping"
        }
    }
}

/// The decisions about computed pages, without a server.
struct ComputedPagesTests {
    @Test func `one page is rendered at a time, first come first served`() {
        var desk = Desk()
        #expect(desk.ask("a") == ["render a", "wake 10.0"])
        #expect(desk.ask("b") == [])
        #expect(desk.ask() == [])
        #expect(desk.render() == ["1: page", "render b"])
        #expect(desk.render() == ["2: page", "render own"])
        #expect(desk.render() == ["3: page"])
    }

    @Test func `a request joins a waiting page, but not one being rendered`() {
        var desk = Desk()
        _ = desk.ask("a")
        for _ in 2...3 { #expect(desk.ask("a") == []) }
        #expect(desk.render() == ["1: page", "render a"])
        #expect(desk.render() == ["2 3: page"])
        #expect(desk.ask("a") == ["render a"])
    }

    @Test func `while clients hold much, a request gets a page started up to a second before it`() {
        var desk = Desk()
        _ = desk.ask("a")
        desk.held = Configuration(host: "", port: 0).maxFreshBytes + 1
        desk.now = 1
        #expect(desk.ask("a") == [])
        desk.now = 1.1
        #expect(desk.ask("a") == [])
        #expect(desk.render() == ["1 2: page", "render a"])
        #expect(desk.render() == ["3: page"])
        desk.now = 2.1
        #expect(desk.ask("a") == ["4: page"])
        #expect(desk.ask("b") == ["render b"])
        desk.now = 2.2
        #expect(desk.ask("a") == [])
        #expect(desk.render() == ["5: page", "render a"])
    }

    @Test func `pages are shared neither while clients hold little nor while draining`() {
        var desk = Desk()
        for isDraining in [false, true] {
            desk.isDraining = isDraining
            desk.held = Configuration(host: "", port: 0).maxFreshBytes + (isDraining ? 1 : 0)
            #expect(desk.ask("a").first == "render a")
            #expect(desk.render().last?.hasSuffix(": page") == true)
            #expect(desk.small("a") == "render")
            _ = desk.ask("a")
            #expect(desk.isRendering)
            _ = desk.render()
        }
    }

    @Test func `a request beyond the limit of the queue is refused`() {
        var desk = Desk()
        for _ in 1...64 { _ = desk.ask() }
        #expect(desk.ask() == ["65: busy"])
        _ = desk.render()
        #expect(desk.ask() == [])
        #expect(desk.ask() == ["67: busy"])
    }

    @Test func `while clients hold the maximum, nothing is rendered`() {
        var desk = Desk(Configuration(host: "", port: 0).with(\.maxResponseBytes, 100))
        _ = desk.ask()
        _ = desk.ask()
        desk.held = 100
        #expect(desk.ask() == ["3: backlog"])
        #expect(desk.small("a") == "backlog")
        #expect(desk.render() == ["1: page", "2: backlog"])
        desk.held = 99
        #expect(desk.ask() == ["render own"])
        #expect(desk.small("a") == "render")
    }

    @Test func `each request is late at its own deadline, and a late page is rendered to its end`()
    {
        var desk = Desk()
        _ = desk.ask("a")
        desk.now = 4
        _ = desk.ask("b")
        desk.now = 10
        #expect(desk.wake() == ["1: late", "wake 14.0"])
        desk.now = 14
        #expect(desk.wake() == ["2: late"])
        desk.now = 15
        #expect(desk.ask("c") == ["wake 25.0"])
        #expect(desk.render() == ["render c"])
        #expect(desk.render() == ["3: page"])
    }

    @Test func `closing answers all requests, later ones too`() {
        var desk = Desk()
        _ = desk.ask("a")
        _ = desk.ask("b")
        #expect(desk.close() == ["2 1: stopping"])
        #expect(desk.ask("a") == ["3: stopping"])
        #expect(desk.render() == [])
        #expect(desk.close() == [])
    }

    @Test func `a small page that is being sent is shared while clients hold much`() {
        var desk = Desk()
        desk.sendSmall("a")
        #expect(desk.small("a") == "render")
        desk.held = Configuration(host: "", port: 0).maxFreshBytes + 1
        desk.now = 1
        #expect(desk.small("a") == "share")
        #expect(desk.small("b") == "render")
        desk.now = 1.1
        #expect(desk.small("a") == "render")
    }

    @Test(arguments: 1...20)
    func `each request is answered once, by its deadline`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var desk = Desk(Configuration(host: "", port: 0).with(\.maxComputed, 4))
        var asked: [Double] = []
        for _ in 0..<2000 {
            let step = Double(Int.random(in: 0...2000, using: &generator)) / 1000
            let next = desk.wakes.min() ?? .infinity
            if desk.now + step >= next {
                desk.now = next
                _ = desk.wake()
                continue
            }
            desk.now += step
            desk.held = [0, desk.held, 9 << 20, 128 << 20].randomElement(using: &generator) ?? 0
            if desk.isRendering, Int.random(in: 0..<4, using: &generator) == 0 {
                _ = desk.render()
            } else {
                asked.append(desk.now)
                _ = desk.ask(["a", "b", nil].randomElement(using: &generator) ?? nil)
            }
        }
        _ = desk.close()
        #expect(desk.answers.count == asked.count)
        for (index, moment) in asked.enumerated() {
            let answers = desk.answers[index + 1] ?? []
            #expect(answers.count == 1)
            #expect(answers.allSatisfy { $0.at <= moment + 10.001 })
        }
        let words = Set(desk.answers.values.flatMap { $0.map(\.reply) })
        #expect(words.isSuperset(of: ["page", "busy", "backlog", "late"]), "\(words)")
    }
}
