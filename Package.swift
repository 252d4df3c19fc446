// swift-tools-version: 6.3
import PackageDescription

/// The compiler settings of every Swift target; CONTRIBUTING.md gives the reasons.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("InferIsolatedConformances"),
    .enableUpcomingFeature("ImmutableWeakCaptures"),
]

/// Linker settings that make the program small.
///
/// It exports nothing, because it loads no plugins. Its 90,000 relocations are packed; lld can
/// write packed relocations, and glibc 2.36 can read them.
let lean = [
    "-use-ld=lld",
    "-Xlinker", "--no-export-dynamic",
    "-Xlinker", "-z", "-Xlinker", "pack-relative-relocs",
]

/// A module of this package; ARCHITECTURE.md lists its dependencies.
func module(
    _ name: String,
    _ dependencies: [Target.Dependency] = [],
    _ settings: [SwiftSetting] = []
) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict + settings)
}

/// Turns off dynamic exclusivity checks of a hot, single-threaded module, in release builds only.
let checkedByTests: [SwiftSetting] = [
    .unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release))
]

/// C sources of this package.
func cModule(_ name: String, _ settings: [CSetting] = []) -> Target {
    .target(
        name: name,
        path: "Modules/\(name)",
        cSettings: [.treatAllWarnings(as: .error)] + settings
    )
}

/// A system library, with its pkg-config name and its Debian package.
func library(_ name: String, _ pkgConfig: String, of package: String) -> Target {
    .systemLibrary(
        name: name,
        path: "Modules/\(name)",
        pkgConfig: pkgConfig,
        providers: [.apt([package])]
    )
}

/// A benchmark in Swift.
func benchmark(_ name: String, _ modules: [Target.Dependency]) -> Target {
    let path = "Benchmarks/\(name)"
    return .executableTarget(name: name, dependencies: modules, path: path, swiftSettings: strict)
}

/// The tests of one module, or of one aspect of the program.
///
/// Fixtures are excluded, because tests read them from the source tree.
func tests(
    _ name: String,
    _ dependencies: [Target.Dependency],
    exclude: [String] = []
) -> Target {
    .testTarget(
        name: name,
        dependencies: dependencies + ["TestSupport"],
        exclude: exclude,
        swiftSettings: strict
    )
}

/// What most modules above the core use.
let base: [Target.Dependency] = ["JSON", "Timing", "Host", "Federation"]

func product(_ name: String, of package: String) -> Target.Dependency {
    .product(name: name, package: package)
}

let argumentParser = product("ArgumentParser", of: "swift-argument-parser")
let logging = product("Logging", of: "swift-log")
let lifecycle = product("ServiceLifecycle", of: "swift-service-lifecycle")
let signals = product("UnixSignals", of: "swift-service-lifecycle")
let heap = product("HeapModule", of: "swift-collections")
let deque = product("DequeModule", of: "swift-collections")
let subprocess = product("Subprocess", of: "swift-subprocess")
let system = product("SystemPackage", of: "swift-system")

let package = Package(
    name: "nova-federation",
    products: [.executable(name: "nova-federation", targets: ["Daemon"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2", traits: []),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
    ],
    targets: [
        library("CCurl", "libcurl", of: "libcurl4-openssl-dev"),
        library("CMicroHTTPD", "libmicrohttpd", of: "libmicrohttpd-dev"),
        library("CYAML", "yaml-0.1", of: "libyaml-dev"),
        library("CSQLite", "sqlite3", of: "libsqlite3-dev"),
        library("CCrypto", "openssl", of: "libssl-dev"),
        library("CGnuTLS", "gnutls", of: "libgnutls28-dev"),
        cModule("CMalloc"),
        cModule("CProcess"),
        // A C target, because the compiler rebuilds it when VERSION changes. SwiftPM caches what
        // Package.swift computes and would miss that change.
        cModule("CVersion", [.disableWarning("c23-extensions")]),
        module("JSON"),
        module("Timing"),
        module("Host", ["CMalloc", "CProcess", "JSON", "Timing"]),
        module("Federation", ["JSON", "Timing"]),
        module("Exposition"),
        module("PeerSync", ["Federation", "Timing", heap, deque]),
        module("CurlClient", ["CCurl", "CMalloc", "Timing", "ClientTLS", deque], checkedByTests),
        module("MicroHTTPServer", ["CMicroHTTPD", "JSON", "Timing", "Trust"]),
        module("StateStore", ["CSQLite"]),
        module("NodeClient", ["JSON", "Timing", "Federation", "CurlClient", "ClientTLS"]),
        module("YAMLReader", ["CYAML"]),
        module("CertificateReader", ["CCrypto"]),
        module("ClientTLS", ["CCrypto"]),
        module("Trust", ["CGnuTLS"]),
        module(
            "Settings",
            base + ["YAMLReader", "CertificateReader", "ClientTLS", "Trust", "CVersion", logging]
        ),
        module("Pages", base + ["Settings", "Exposition", "StateStore"]),
        module(
            "Demo",
            base + ["Settings", "Pages", "CurlClient", "ClientTLS", signals, subprocess, system]
        ),
        .executableTarget(
            name: "Daemon",
            dependencies: base + [
                "Settings", "Exposition", "Pages", "PeerSync", "CurlClient", "MicroHTTPServer",
                "StateStore", "NodeClient", "Demo", "ClientTLS", "Trust",
                argumentParser, logging, lifecycle, signals,
            ],
            swiftSettings: strict,
            linkerSettings: [.unsafeFlags(lean, .when(configuration: .release))]
        ),
        benchmark("Refusal", ["Federation"]),
        benchmark("Saving", ["Timing", "Federation", "StateStore"]),
        .target(
            name: "TestSupport",
            dependencies: ["JSON", "Timing", "Federation"],
            path: "Tests/TestSupport",
            exclude: ["check-page.py"],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "simulate",
            dependencies: ["Timing", "Federation", "PeerSync", "TestSupport", heap],
            path: "Tests/Simulation",
            exclude: ["check"],
            swiftSettings: strict
        ),
        tests("JSONTests", ["JSON"]),
        tests("HostTests", ["Host"]),
        tests("FederationTests", ["JSON", "Timing", "Federation"], exclude: ["Fixtures"]),
        tests("ExpositionTests", ["Exposition"]),
        tests("PeerSyncTests", ["PeerSync", "Timing", "Federation"]),
        tests(
            "CurlClientTests",
            ["CurlClient", "Timing", "CertificateReader", "ClientTLS", "CCurl", "CMalloc"]
        ),
        tests("MicroHTTPServerTests", ["MicroHTTPServer", "Timing", "Trust"]),
        tests("StateStoreTests", ["StateStore"]),
        tests("NodeClientTests", ["NodeClient", "Timing", "Federation"]),
        tests("YAMLReaderTests", ["YAMLReader"]),
        tests("TrustTests", ["Trust"]),
        tests("SettingsTests", base + ["Settings", "Trust", logging], exclude: ["Cases"]),
        tests(
            "DaemonTests",
            base + [
                "Daemon", "Pages", "Settings", "PeerSync", "Exposition", "MicroHTTPServer",
                "StateStore", "NodeClient", logging,
            ],
            exclude: ["Fixtures"]
        ),
        tests("LoopbackTests", base + ["Daemon", "Settings", "PeerSync"]),
        tests("DeployTests", ["YAMLReader"]),
        tests("ContractTests", ["JSON", "Federation", "YAMLReader"], exclude: ["oracle.py"]),
        tests("TestSupportTests", []),
        tests("TidyTests", []),
    ]
)
