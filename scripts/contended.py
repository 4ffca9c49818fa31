#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""contended.py OURS STOCK: is a lock waited for more often in ours than in stock?

Each file has a count a line, one for each run. Other tasks add to all of them, some runs have
ten times as many as others, and so the two are compared by rank (Mann and Whitney). Status 1
if ours has more than chance brings to one of the check's comparisons once in a hundred runs of
the check, or if nobody has waited in stock: then nothing was measured.
"""
import statistics
import sys

from scipy.stats import mannwhitneyu

COMPARISONS = 6
CHANCE = 0.01 / COMPARISONS


def counts(path):
    with open(path, encoding="utf-8") as file:
        return [int(line) for line in file]


def main():
    ours, stock = (counts(path) for path in sys.argv[1:])
    chance = mannwhitneyu(ours, stock, alternative="greater").pvalue
    print(f"ours waited {sorted(ours)} times, median {statistics.median(ours)}; "
          f"stock {sorted(stock)}, median {statistics.median(stock)}; chance {chance:.3f}")
    sys.exit(chance <= CHANCE or not any(stock))


if __name__ == "__main__":
    main()
