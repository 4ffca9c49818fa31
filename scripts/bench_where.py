#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""bench_where.py OPERATION STOCK OURS: in which functions two kernels differ.

STOCK and OURS are the CSV of the plugin, as scripts/bench-lib.sh has it made; beside
each are FILE.where, the instructions of each function of the kernel, and
FILE.functions. Of each kernel the cheapest operation of that name is taken, as
bench.py does, and the functions are printed that executed another number of
instructions in the one than in the other.
"""
import argparse
import collections
import csv


def cheapest(path, operation):
    """Address to instructions, of the operation with the fewest."""
    found = collections.defaultdict(dict)
    with open(path + ".where", newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["name"] == operation:
                found[row["operation"]][int(row["function"], 16)] = int(row["insns"])
    return min(found.values(), key=lambda functions: sum(functions.values()), default={})


def by_name(path, operation):
    names = {}
    with open(path + ".functions", encoding="utf-8") as file:
        for line in file:
            address, name = line.split()
            names[int(address, 16)] = name
    result = collections.Counter()
    for address, insns in cheapest(path, operation).items():
        result[names[address]] += insns
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("operation")
    parser.add_argument("stock")
    parser.add_argument("ours")
    args = parser.parse_args()
    stock, ours = (by_name(path, args.operation) for path in (args.stock, args.ours))
    print(f"# {args.operation}, in the kernel: stock {stock.total()}, ours {ours.total()}")
    for name in sorted(stock | ours, key=lambda name: (stock[name] - ours[name], name)):
        if stock[name] != ours[name]:
            print(f"# {name}: stock {stock[name]}, ours {ours[name]}")


if __name__ == "__main__":
    main()
