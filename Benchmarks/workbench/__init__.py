"""Shared by the benchmarks: measured programs, turns, the machine, tables."""
