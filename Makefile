# make run          runs five nodes on this machine; ARGS="--seconds 20" stops them
# make test         builds and runs all tests
# make test-deploy  tests the files in deploy/ with the real programs
# make rolling      restarts nodes behind HAProxy RESTARTS (200) times, with all times divided by
#                   five, then a few times as shipped
# make deb          builds the Debian package in .build-deb/
# make lint         checks the format
# make asan         runs the tests of the C boundary with the address sanitizer
# make fuzz         feeds random input to the parsers for SECONDS (60)
# make simulate     simulates a federation under a virtual clock; NODES (20), DAYS (1), SEED (1)
# make kill-state   kills a node KILLS (1000) times, while it runs or saves; each start must find its
#                   state and its id
# make pauses       pauses nodes PAUSES (1000) times for 1 to 10 s; fails at a false report
# make outages      cuts a node off ROUNDS (20) times in each of four ways, for 30 s each
# make rotations    replaces authorities, certificate, key and tokens of a node ROTATIONS (1000) times
#                   while it pulls 100 peers and serves 64 clients
# make false-downs  runs 18 healthy nodes for MINUTES (60); fails if one reports a failure
# make bench        measures the service and its C floors, on an idle machine
# make bench-check  the short form, which fails if a target is missed
# make detection    measures how soon nodes report a death, in a simulation; writes docs/detection.*
# make bench-profile  breaks down the CPU of a pull
# make bench-saving  measures the CPU of a save of PEERS (10000) peers, without the service around it
# make screenshots  makes the pictures of the page in docs/ from real nodes
# make clean        deletes everything that was built
.PHONY: run test test-deploy rolling deb lint asan fuzz simulate detection kill-state pauses outages \
    rotations false-downs bench bench-check bench-hundred-thousand bench-growth bench-profile \
    bench-refusal bench-saving \
    screenshots clean deps test-deps deploy-deps bench-deps

ARGS ?=
# Not ?=, which would use variables of these names from the environment.
SECONDS = 60
NODES = 20
DAYS = 1
SEED = 1
RESTARTS = 200
MINUTES = 60
KILLS = 1000
PAUSES = 1000
ROUNDS = 20
ROTATIONS = 1000
PEERS = 10000

# A debug build: the tests use it too, and it takes half the time of a release build.
run: deps
	swift build --product nova-federation
	.build/debug/nova-federation demo $(ARGS)

test: test-deps
	Scripts/test

test-deploy: deb
	Scripts/debian-root
	Scripts/test deploy

rolling: deploy-deps
	swift build --build-tests
	ROLLING_RESTARTS=$(RESTARTS) swift test --skip-build --disable-xctest --no-parallel \
	    --filter '^DeployTests\.RollingRestartTests'

deb: deploy-deps
	Scripts/deb

lint:
	swift format lint --strict --parallel -r Package.swift Sources Tests

# The crash handler of Swift trips the sanitizer and can outlive the run. Its allocator keeps freed
# memory, so ReloadLoadTests and SlowReaderTests cannot judge resident memory. The nodes of a demo
# have their own environment, without leaks.txt, and so have commands in tmux (TopTests). The sanitizer
# itself needs /proc (ProcessStartTests), a thread of its own (ThreadLimitTests), and to be preloaded
# before faketime (ClockTests, StatusAllTests). The second group mostly waits, and calls only C code
# that other suites call too.
ASAN_SKIPS = ReloadLoad|SlowReader|CommandDemo|Top|ProcessStart|ThreadLimit|Clock|StatusAll
ASAN_SKIPS_SLOW = BlackHole|Browser|ExitCode|HandshakeFlood|Identity|Pause|Starvation|StateRestart|Suspect|TopOutput|TrustCommand|TrustScrape
asan: test-deps
	LSAN_OPTIONS=suppressions=$(CURDIR)/Tests/leaks.txt:print_suppressions=0 SWIFT_BACKTRACE=enable=no \
	    swift test --disable-xctest --scratch-path .build-asan \
	    --sanitize=address -Xswiftc -DPLAIN_MALLOC --no-parallel \
	    --filter '^(LoopbackTests|CurlClientTests|MicroHTTPServerTests|TrustTests|YAMLReaderTests)\.' \
	    --skip '^LoopbackTests\.($(ASAN_SKIPS)|$(ASAN_SKIPS_SLOW))Tests'

# Without env -u, bash would start its own SECONDS counter from this value.
fuzz: deps
	env -u SECONDS Tests/Fuzz/run $(SECONDS)

simulate: deps
	swift build -c release --product simulate --scratch-path .build-release
	.build-release/release/simulate --nodes $(NODES) --days $(DAYS) --seed $(SEED)

kill-state: test-deps
	swift build --build-tests
	STATE_KILLS=$(KILLS) swift test --skip-build --disable-xctest --no-parallel \
	    --filter '^LoopbackTests\.StateTests.*killed.at.any.moment'

pauses: test-deps
	swift build --build-tests
	PAUSES=$(PAUSES) swift test --skip-build --disable-xctest --no-parallel \
	    --filter '^LoopbackTests\.StarvationTests.*random.pauses'

outages: test-deps
	swift build --build-tests
	SUSPECT_ROUNDS=$(ROUNDS) SUSPECT_SECONDS=30 swift test --skip-build --disable-xctest \
	    --no-parallel --filter '^LoopbackTests\.SuspectTests.*of.its.own.network'

rotations: test-deps
	swift build --build-tests
	ROTATIONS=$(ROTATIONS) swift test --skip-build --disable-xctest --no-parallel \
	    --filter '^LoopbackTests\.CertificateRotationTests.*no.failed.pull'

# Runs the debug build, as the tests do.
false-downs: test-deps
	swift build --product nova-federation
	Tests/Soak/false-downs --minutes $(MINUTES)

# The floors: C programs that do the same work at the least cost.
FLOORS = .build-floor/pull .build-floor/serve .build-floor/timers

.build-floor/%: Benchmarks/floor/%.c Benchmarks/floor/slots.h Modules/CMalloc/free_lists.c
	@mkdir -p $(@D)
	cc -std=c17 -O2 -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wstrict-prototypes -Werror \
	    $$(pkg-config --cflags libcurl libmicrohttpd) -IModules/CMalloc/include -o $@ $< \
	    Modules/CMalloc/free_lists.c \
	    $$(pkg-config --libs libcurl libmicrohttpd)

bench: bench-deps $(FLOORS)
	Benchmarks/bench

bench-check: bench-deps $(FLOORS)
	Benchmarks/bench --check

bench-hundred-thousand: bench-deps
	Benchmarks/hundred-thousand

bench-growth: bench-deps $(FLOORS)
	Benchmarks/growth

detection: deps
	Benchmarks/detection

bench-profile: bench-deps $(FLOORS)
	Benchmarks/profile

# Compares the cost of refusing a hostile body with the cost of reading a good one.
bench-refusal: deps
	swift build -c release --scratch-path .build-release --product Refusal
	.build-release/release/Refusal

bench-saving: deps
	swift build -c release --scratch-path .build-release --product Saving
	TMPDIR=$${TMPDIR:-/var/tmp} .build-release/release/Saving $(PEERS)

screenshots: test-deps
	swift build --product nova-federation
	Scripts/screenshots .build/debug/nova-federation

# Files that were created through sudo must be deleted through sudo.
clean:
	rm -rf .build .build-* 2>/dev/null || sudo rm -rf .build .build-*

deps:
	Scripts/install-deps build

test-deps:
	Scripts/install-deps build test

bench-deps:
	Scripts/install-deps build test bench

deploy-deps:
	Scripts/install-deps build test deploy
