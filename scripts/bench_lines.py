#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""bench_lines.py [--kernel] OPERATION COUNTS: who writes lines that other CPUs use.

COUNTS is the CSV of the plugin lines.so, as scripts/bench-lib.sh has it made; beside it are
COUNTS.where, the writes by instruction and line, and COUNTS.functions. Printed are the
functions that the breakpoint layer has written such lines in, itself or in what it called,
and how often on average in an operation of that name; with --kernel, all of the kernel.
"""
import argparse
import bisect
import collections
import csv


def read_functions(path):
    with open(path, encoding="utf-8") as file:
        found = sorted((int(address, 16), name) for address, name in map(str.split, file))
    return [address for address, _ in found], [name for _, name in found]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kernel", action="store_true")
    parser.add_argument("operation")
    parser.add_argument("counts")
    args = parser.parse_args()
    with open(args.counts, newline="", encoding="utf-8") as file:
        times = sum(row["name"] == args.operation for row in csv.DictReader(file))
    addresses, names = read_functions(args.counts + ".functions")
    writes, lines = collections.Counter(), collections.defaultdict(set)
    with open(args.counts + ".where", newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["name"] == args.operation and (args.kernel or row["whose"] == "layer"):
                name = names[bisect.bisect(addresses, int(row["pc"], 16)) - 1]
                writes[name] += int(row["writes"])
                lines[name].add(row["line"])
    print(f"# {args.operation}, {times} times")
    for name, n in writes.most_common():
        print(f"# {name}: {n / times:.2f} to {len(lines[name])} lines")


if __name__ == "__main__":
    main()
