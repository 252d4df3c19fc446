"""Computes statistics in other ways than the program does.

Usage: oracle.py MODE, with one case on each line of standard input, one result on each of output:

wilson   "s n"          the ends of the interval: the p with |s / n - p| = z sqrt(p (1 - p) / n)
ranks    "n"            lower and upper rank of the p95, and the confidence, with exact integers
novelty  JSON numbers   N, the robust N, and N without each of the numbers, as a JSON list
"""

import fractions
import json
import math
import statistics
import sys

Z = statistics.NormalDist().inv_cdf(0.975)


def wilson(line):
    successes, trials = map(int, line.split())
    rate = fractions.Fraction(successes, trials)

    def is_inside(p):
        return (rate - fractions.Fraction(p)) ** 2 * trials <= Z * Z * p * (1 - p)

    def end(inside, outside):
        while math.nextafter(inside, outside) != outside and inside != outside:
            middle = (inside + outside) / 2
            if middle in (inside, outside):
                break
            inside, outside = (middle, outside) if is_inside(middle) else (inside, middle)
        return inside

    low = 0.0 if successes == 0 else end(float(rate), 0.0)
    high = 1.0 if successes == trials else end(float(rate), 1.0)
    return f"{low!r} {high!r}"


def ranks(line):
    """With weights[f] / 20**n = P(F = f), where F of n values are above the quantile."""
    n = int(line)
    total = 20**n
    weight, sums = 19**n, []
    for f in range(n + 1):
        sums.append(weight + (sums[-1] if sums else 0))
        weight = weight * (n - f) // ((f + 1) * 19)
    most = max((f for f in range(n) if 40 * sums[f] <= total), default=0)
    left = 40 * (total - sums[0]) - 38 * total  # above 0 if 0.95^n is below 5 %
    tail = min(total, left) if left > 0 else total
    least = min((f for f in range(n) if 40 * (total - sums[f]) <= tail), default=n - 1)
    confidence = fractions.Fraction(sums[least] - sums[most], total)
    return f"{n - least} {n - most} {float(confidence)!r}"


def novelty(line):
    values = json.loads(line)

    def n(some):
        return min(1.0, statistics.pstdev(some) / 0.5) if len(some) > 1 else 0.0

    exact = [fractions.Fraction(value) for value in values]
    median = statistics.median(exact or [0])
    deviation = statistics.median([abs(value - median) for value in exact] or [0])
    robust = min(1.0, float(fractions.Fraction("1.4826") * deviation * 2))
    without = [n(values[:place] + values[place + 1:]) for place in range(len(values))]
    return json.dumps([n(values), robust] + without)


def main(mode):
    compute = {"wilson": wilson, "ranks": ranks, "novelty": novelty}[mode]
    for line in sys.stdin:
        print(compute(line))


if __name__ == "__main__":
    main(sys.argv[1])
