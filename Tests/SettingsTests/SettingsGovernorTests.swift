import Federation
import Testing

@testable import Settings

/// The constants of the governor: defaults, fields and rules.
struct SettingsGovernorTests {
    @Test
    func `the defaults are Nova's constants`() throws {
        let settings = try SettingsTests.load([:]).settings
        #expect(settings.governor == GovernorConstants())
        let shown = [
            "NOVA_WISDOM_Q": "0.7", "NOVA_WISDOM_A1": "0.2", "NOVA_WISDOM_A2": "0.1",
            "NOVA_WISDOM_KP": "0.3", "NOVA_WISDOM_KD": "0.15", "NOVA_WISDOM_ETA_MIN": "0.05",
            "NOVA_WISDOM_ETA_MAX": "0.18", "NOVA_WISDOM_ETA_DEFAULT": "0.1",
            "NOVA_WISDOM_HOPF_THRESHOLD": "0.02", "NOVA_WISDOM_CRITICAL_MARGIN": "0.01",
            "NOVA_WISDOM_STABILIZING_MARGIN": "0.02", "NOVA_WISDOM_OPTIMAL_MARGIN": "0.05",
            "NOVA_WISDOM_EXPLORING_MARGIN": "0.1", "NOVA_WISDOM_EXPLORING_G": "0.6",
            "NOVA_WISDOM_OPTIMAL_G": "0.7", "NOVA_TRI_ETA_CAP_ENABLED": "1",
            "NOVA_TRI_COHERENCE_HIGH": "0.85", "NOVA_TRI_COHERENCE_LOW": "0.4",
            "NOVA_TRI_ETA_CAP_HIGH": "0.18", "NOVA_TRI_ETA_CAP_LOW": "0.08",
            "NOVA_SLOT07_MAX_JOBS_BASELINE": "16", "NOVA_SLOT07_MAX_JOBS_FROZEN": "2",
            "NOVA_SLOT07_MAX_JOBS_REDUCED": "6", "NOVA_SLOT07_STABILITY_THRESHOLD": "0.03",
            "NOVA_SLOT07_STABILITY_THRESHOLD_TRI": "0.05", "NOVA_WISDOM_G_WEIGHTS": "0.4,0.3,0.3",
            "NOVA_WISDOM_G_KAPPA": "0.02", "NOVA_WISDOM_G_MIN_S": "0.03",
            "NOVA_WISDOM_G_MIN_H": "0.02",
        ]
        for (key, text) in shown {
            #expect(SettingsTable.setting(key)?.show(settings) == text, "\(key)")
        }
        #expect(Set(SettingsBoundsTests.governorCases.map(\.key)).isSubset(of: shown.keys))
    }

    @Test(arguments: SettingsBoundsTests.governorCases.map(\.key))
    func `a key changes its own field and no other`(key: String) throws {
        let setting = try #require(SettingsTable.setting(key))
        let before = Settings(fileLimit: 20_000)
        var after = before
        let text = setting.allowed.hasPrefix("1, true") ? "0" : setting.show(before) + "1"
        #expect(setting.read(text, &after), "\(text)")
        for other in SettingsTable.all {
            #expect((other.show(before) != other.show(after)) == (other.key == key), "\(other.key)")
        }
    }

    @Test(
        arguments: [
            (
                ["NOVA_WISDOM_CRITICAL_MARGIN": "0.02"],
                "NOVA_WISDOM_CRITICAL_MARGIN below NOVA_WISDOM_STABILIZING_MARGIN; "
                    + "they are 0.02 and 0.02"
            ),
            (
                ["NOVA_WISDOM_STABILIZING_MARGIN": "0.05"],
                "NOVA_WISDOM_STABILIZING_MARGIN below NOVA_WISDOM_OPTIMAL_MARGIN"
            ),
            (
                ["NOVA_WISDOM_OPTIMAL_MARGIN": "0.1"],
                "NOVA_WISDOM_OPTIMAL_MARGIN below NOVA_WISDOM_EXPLORING_MARGIN"
            ),
            (
                ["NOVA_WISDOM_EXPLORING_G": "0.71"],
                "NOVA_WISDOM_EXPLORING_G at most NOVA_WISDOM_OPTIMAL_G; they are 0.71 and 0.7"
            ),
            (
                ["NOVA_WISDOM_ETA_MIN": "0.2"],
                "NOVA_WISDOM_ETA_MIN at most NOVA_WISDOM_ETA_MAX; they are 0.2 and 0.18"
            ),
            (
                ["NOVA_WISDOM_ETA_MIN": "0.009"],
                "NOVA_WISDOM_CRITICAL_MARGIN at most NOVA_WISDOM_ETA_MIN; they are 0.01 and 0.009"
            ),
            (
                ["NOVA_WISDOM_ETA_DEFAULT": "0.04"],
                "NOVA_WISDOM_ETA_MIN to NOVA_WISDOM_ETA_MAX, 0.05 to 0.18"
            ),
            (["NOVA_WISDOM_ETA_DEFAULT": "0.181"], "NOVA_WISDOM_ETA_MIN to NOVA_WISDOM_ETA_MAX"),
            (
                ["NOVA_WISDOM_ETA_DEFAULT": "0.1", "NOVA_WISDOM_ETA_MIN": "0.11"],
                "NOVA_WISDOM_ETA_MIN to NOVA_WISDOM_ETA_MAX, 0.11 to 0.18"
            ),
            (
                ["NOVA_TRI_COHERENCE_LOW": "0.85"],
                "NOVA_TRI_COHERENCE_LOW below NOVA_TRI_COHERENCE_HIGH"
            ),
            (
                ["NOVA_TRI_ETA_CAP_HIGH": "0.07"],
                "NOVA_TRI_ETA_CAP_LOW at most NOVA_TRI_ETA_CAP_HIGH; they are 0.08 and 0.07"
            ),
            (
                ["NOVA_TRI_ETA_CAP_LOW": "0.009"],
                "NOVA_WISDOM_CRITICAL_MARGIN at most NOVA_TRI_ETA_CAP_LOW"
            ),
        ]
    )
    func `constants that are valid alone must follow the rules`(
        environment: [String: String],
        reason: String
    ) {
        let faults = SettingsTests.faults(environment)
        #expect(faults.count == 1, "\(faults)")
        #expect(faults.first?.contains(": allowed: " + reason) == true, "\(faults)")
        #expect(environment.keys.contains { faults.first?.contains("environment: \($0)=") == true })
    }

    @Test(
        arguments: [
            ["NOVA_WISDOM_EXPLORING_G": "0.7"], ["NOVA_WISDOM_ETA_MIN": "0.01"],
            ["NOVA_WISDOM_ETA_MIN": "0.18"], ["NOVA_WISDOM_ETA_MAX": "0.05"],
            ["NOVA_WISDOM_ETA_DEFAULT": "0.05"], ["NOVA_WISDOM_ETA_DEFAULT": "0.18"],
            ["NOVA_TRI_ETA_CAP_HIGH": "0.08"], ["NOVA_TRI_ETA_CAP_LOW": "0.01"],
            ["NOVA_TRI_COHERENCE_LOW": "0.849"],
            [
                "NOVA_WISDOM_CRITICAL_MARGIN": "0.02", "NOVA_WISDOM_STABILIZING_MARGIN": "0.03",
                "NOVA_WISDOM_OPTIMAL_MARGIN": "0.04", "NOVA_WISDOM_EXPLORING_MARGIN": "0.05",
            ],
        ]
    )
    func `constants may reach the limits of the rules`(environment: [String: String]) {
        #expect(SettingsTests.faults(environment).isEmpty)
    }

    @Test(arguments: [("0.12", "0.18", 0.12), ("0.05", "0.07", 0.07), ("0.02", "0.9", 0.1)])
    func `an unset first eta stays between minimum and maximum`(
        least: String,
        most: String,
        initial: Double
    ) throws {
        let loaded = try SettingsTests.load([
            "NOVA_WISDOM_ETA_MIN": least, "NOVA_WISDOM_ETA_MAX": most,
        ])
        #expect(loaded.settings.governor.eta.initial == initial)
        #expect(loaded.origins["NOVA_WISDOM_ETA_DEFAULT"] == .derived)
    }
}
