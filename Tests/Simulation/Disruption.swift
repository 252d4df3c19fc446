import Federation
import TestSupport
import Timing

/// A disruption of the federation at one moment.
struct Disruption {
    enum What {
        /// Pauses the node at once, or as soon as it has started a pull.
        case pause(seconds: Double, atNextPull: Bool)
        /// Kills the node and restarts it with another instance.
        case restart(downSeconds: Double)
        /// Sets the wall clock of the node.
        case setClock(bySeconds: Double)
        /// Some nodes cannot reach the others: their pulls time out, or fail at once.
        case cut(away: [Bool], isSilent: Bool, seconds: Double)
    }

    var at: Instant
    var node: Int
    var what: What
}

extension Disruption {
    /// The number per day for each node; cuts are for a federation of 20.
    private static let pausesADay = 12.0
    private static let restartsADay = 3.0
    private static let clocksADay = 4.0
    private static let cutsADay = 1.2

    /// The number of each kind in the shortest run.
    private static let fewest = 3

    /// All disruptions of a run, in order, the first of each kind within 20 minutes.
    static func plan(_ scenario: Scenario) -> [Disruption] {
        var generator = SeededGenerator(seed: scenario.seed ^ 0x7472_6f75_626c_6500)
        var disruptions: [Disruption] = []
        let nodeDays = Double(scenario.nodes) * scenario.seconds / 86_400
        func add(_ perDay: Double, _ what: (Int, Int, inout SeededGenerator) -> What) {
            for number in 0..<max(fewest, Int(perDay * nodeDays)) {
                let node = Int.random(in: 1..<scenario.nodes, using: &generator)
                let seconds =
                    number == 0
                    ? Double.random(in: 400...800, using: &generator)
                    : Double.random(in: 60...scenario.seconds, using: &generator)
                disruptions.append(
                    Disruption(
                        at: Instant(seconds: seconds),
                        node: node,
                        what: what(number, node, &generator)
                    )
                )
            }
        }
        add(pausesADay) { number, _, generator in
            let isAimed = number % 2 == 0
            let seconds = Double.random(in: isAimed ? 3...40 : 0.1...120, using: &generator)
            return .pause(seconds: seconds, atNextPull: isAimed)
        }
        add(restartsADay) { _, _, generator in
            .restart(downSeconds: Double.random(in: 1...60, using: &generator))
        }
        add(clocksADay) { number, _, generator in
            let far = Double.random(in: 200...7_200, using: &generator)
            return .setClock(bySeconds: number % 2 == 0 ? far : -far)
        }
        add(cutsADay) { number, node, generator in
            // The first leaves one node alone for longer than a peer stays live.
            let isLone = number % 2 == 0
            let away = (0..<scenario.nodes)
                .map { other in
                    isLone ? other == node : Bool.random(using: &generator)
                }
            let isSilent = Bool.random(using: &generator)
            let seconds = Double.random(in: number == 0 ? 300...600 : 10...900, using: &generator)
            return .cut(away: away, isSilent: isSilent, seconds: seconds)
        }
        return disruptions.sorted { $0.at < $1.at }
    }
}
