#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""bench_flat.py COUNTS...: does an operation of the layer take more with more CPUs? KTAP.

COUNTS is the plugin's CSV, of the same operations on one CPU of machines with more and more
CPUs. Of each operation the layer's instructions, the fewest of all times, and the most that
were executed with interrupts off. With many CPUs neither is more than with the fewest, but
for a tenth: the fewest of so many times differ by that.
"""
import argparse
import collections
import csv
import sys

MORE = 1.1


def least(path):
    """Operation to its fewest instructions, and the fewest with interrupts off."""
    found = collections.defaultdict(lambda: [sys.maxsize, sys.maxsize])
    with open(path, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            was = found[row["name"]]
            was[0] = min(was[0], int(row["layer"]))
            was[1] = min(was[1], int(row["off"]))
    if not found:
        sys.exit(f"bench: {path} has no operation")
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("counts", nargs="+")
    tables = [least(path) for path in parser.parse_args().counts]
    print(f"KTAP version 1\n1..{2 * len(tables[0])}")
    good, number = True, 0
    for name in tables[0]:
        for i, what in enumerate(("instructions", "with interrupts off")):
            values = [table[name][i] for table in tables]
            flat = max(values) <= MORE * values[0]
            good, number = good and flat, number + 1
            print(f"{'ok' if flat else 'not ok'} {number} {name}, {what}: "
                  f"{' '.join(map(str, values))}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
