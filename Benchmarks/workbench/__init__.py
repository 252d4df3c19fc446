"""What the benchmarks share: programs that are measured, turns, the machine, tables."""
