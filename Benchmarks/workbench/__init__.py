"""What the benchmarks share: a farm of peers, a node under test, the machine, tables."""
