#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""bench.py [--json FILE] [--picture FILE] FOLDER: stock and ours, as ratios.

FOLDER has what scripts/bench.sh measured, ARCH-TREE-RUN-count.csv, -lines.csv and -time.csv.
Of each run an operation's median counts, but of its instructions the least, since
interrupts and other tasks only add to them; of a switch's the median, too, since the
scheduler seldom has a few less. Of the runs of one kernel it is the
median, and the smallest and largest are the spread. A ratio is of two runs with
the same number. --assert prints KTAP: are these goals, of one architecture, met?
"""
import argparse
import collections
import csv
import json
import pathlib
import statistics
import sys

# One operation of the program is two context switches
PER_OPERATION = {"switch-none": 2, "switch-same": 2, "switch-different": 2}
# and a guest's turn is so many exits
KVM, KVM_EXITS = "kvm-", 100
WHOLE, LAYER, WRITES, READS, TIME = "instructions", "layer", "writes", "reads", "ns"
BANK = "bank"
# Writes to lines of the cache that other CPUs use, too: the layer's and all of the kernel's
SHARED, SHARED_ALL = "shared", "shared-kernel"
COLUMNS = {"count": {WHOLE: "insns", LAYER: "layer", WRITES: "writes", READS: "reads",
                     BANK: "bank"},
           "lines": {SHARED: "layer", SHARED_ALL: "all"},
           "time": {TIME: "ns"}}
# An operation does not get dearer with threads: ours with the most to ours with one
FLAT = 1.1


# What an entry into a guest and the exit may cost, by architecture
KVM_GOALS = {
    # not one more in a thousand; an interrupt may come in between
    ("x86_64", "kvm-nothing", WHOLE): ("ratio", 1.0005),
    ("arm64", "kvm-nothing", WHOLE): ("ratio", 1.0005),
    ("x86_64", "kvm-nothing", WRITES): ("ours", 0),
    ("x86_64", "kvm-host", WRITES): ("ours", 2),
    ("x86_64", "kvm-guest", WRITES): ("ours", 0),
    ("x86_64", "kvm-both", WRITES): ("ours", 2),
    # no more than two beside what the guest's own cost, which is nothing
    ("x86_64", "kvm-shared", WRITES): ("ours", 2),
    # no exit costs anything, but KVM_RUN two
    ("x86_64", "kvm-host-user", WRITES): ("ours", 2 / KVM_EXITS),
    ("x86_64", "kvm-both-user", WRITES): ("ours", 2 / KVM_EXITS),
    ("x86_64", "kvm-owned", WRITES): ("ratio", 0.5),
    ("x86_64", "kvm-owned-host", WRITES): ("ratio", 0.5),
    ("arm64", "kvm-nothing", BANK): ("ours", 0),
    ("arm64", "kvm-host", BANK): ("ours", 0),
    ("arm64", "kvm-guest", BANK): ("ratio", 0.1),
    ("arm64", "kvm-both", BANK): ("ratio", 0.1),
    ("arm64", "kvm-shared", BANK): ("ours", 2),
}


def shared_goal(operation, metric):
    """Of events of tasks nothing while others hold as much, and never more than stock's."""
    kind, _, what = operation.partition("-")
    if metric == SHARED and kind in ("task", "bound", "copy"):
        return "ours", 0
    # a whole process comes and goes, and stock's pages are others than ours
    if metric == SHARED or what not in ("fork", "exit"):
        return "more", 0
    return None


def goal_of(arch, operation, metric):
    """What is asked for: (the value compared, relation's limit), or None."""
    if operation.startswith(KVM):
        # accesses of registers are what matters there
        return KVM_GOALS.get((arch, operation, metric))
    if metric in (SHARED, SHARED_ALL):
        return shared_goal(operation, metric)
    kind = operation.partition("@")[0]
    if (arch, operation, metric) == ("x86_64", "switch-none", LAYER):
        return "ours", 0
    if metric == WHOLE:
        return "ratio", 1.0
    if metric == LAYER and kind in ("create", "modify", "close", "ptrace"):
        return "ratio", 0.5
    if metric == WRITES and operation in ("switch-same", "switch-different"):
        return "ours", 2 if operation == "switch-same" else 6
    if metric == TIME and kind.startswith("wide-"):
        return "ratio", 0.2
    return None


def typical(path, columns):
    """Operation and metric to value, of one guest's CSV."""
    values = collections.defaultdict(list)
    with open(path, newline="", encoding="utf-8") as file:
        lines = (line for line in file if not line.startswith("bench:"))
        for row in csv.DictReader(lines):
            for metric, column in columns.items():
                if column in row:
                    values[row["name"], metric].append(int(row[column]))
    if not values:
        sys.exit(f"bench: {path} has no measurement")
    return {key: min(seen) if key[1] == WHOLE and key[0] not in PER_OPERATION
            else statistics.median(seen) for key, seen in values.items()}


def without_start(found):
    """NAME/ROUNDS were whole programs: what one round more needs, or all of the only one.

    What is little beside the threads that such a program starts, NAME@N, is lost in how their
    number of instructions varies, so less is told of these than of other operations.
    """
    result, rounds = {}, collections.defaultdict(dict)
    for (operation, metric), value in found.items():
        name, _, count = operation.partition("/")
        if not count:
            result[name, metric] = value / (KVM_EXITS if name.startswith(KVM)
                                            else PER_OPERATION.get(name, 1))
        elif metric == WHOLE or "@" not in name or (metric == LAYER and name.startswith("thread@")):
            rounds[name, metric][int(count)] = value
    for key, values in rounds.items():
        least, most = min(values), max(values)
        result[key] = values[most] if least == most else \
            (values[most] - values[least]) / (most - least)
    return result


def read_runs(folder):
    """(arch, operation, metric) to {tree: {run: value}}"""
    table = collections.defaultdict(lambda: collections.defaultdict(dict))
    for path in sorted(folder.glob("*-*-*-*.csv")):
        arch, tree, run, kind = path.stem.split("-")
        for (operation, metric), value in without_start(typical(path, COLUMNS[kind])).items():
            table[arch, operation, metric][tree][int(run)] = value
    return table


def spread(values):
    return {"median": statistics.median(values), "min": min(values), "max": max(values)}


def compare(key, trees):
    arch, operation, metric = key
    runs = sorted(trees["stock"].keys() & trees["ours"].keys())
    if not runs:
        sys.exit(f"bench: {arch} {operation} was measured on {' and '.join(trees)} only")
    row = {"arch": arch, "operation": operation, "metric": metric, "runs": len(runs),
           "stock": spread([trees["stock"][run] for run in runs]),
           "ours": spread([trees["ours"][run] for run in runs]),
           "ratio": None, "goal": None, "met": None,
           "more": spread([trees["ours"][run] - trees["stock"][run] for run in runs])}
    if all(trees["stock"][run] for run in runs):
        row["ratio"] = spread([trees["ours"][run] / trees["stock"][run] for run in runs])
    goal = goal_of(arch, operation, metric)
    if goal:
        if not row[goal[0]]:
            sys.exit(f"bench: {arch} {operation} {metric}: 0 on stock, nothing was counted")
        row["goal"] = {"of": goal[0], "at most": goal[1]}
        # to the digits that are printed: a timer tick more or less is not the layer's
        row["met"] = round(row[goal[0]]["median"], 3) <= goal[1]
    return row


def flatness(rows):
    """How the layer's instructions grow from one thread with a breakpoint to the most."""
    layers = {(row["arch"], *row["operation"].split("@")): row for row in rows
              if row["metric"] == LAYER and "@" in row["operation"]}
    found = []
    for (arch, kind, count), row in layers.items():
        if kind in ("thread", "enable") or count == "1":
            continue
        one = layers[arch, kind, "1"]
        growth = {tree: row[tree]["median"] / max(one[tree]["median"], 1)
                  for tree in ("stock", "ours")}
        found.append({"arch": arch, "operation": f"{kind}@{count}", "metric": "growth",
                      "runs": row["runs"], **{tree: spread([growth[tree]]) for tree in growth},
                      "ratio": None, "goal": {"of": "ours", "at most": FLAT},
                      "met": growth["ours"] <= FLAT})
    return found


def number(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def interval(values, form):
    low, high = form(values["min"]), form(values["max"])
    return form(values["median"]) + ("" if low == high else f" ({low}..{high})")


def verdict(row):
    """In words; the spread may leave it open."""
    if not row["goal"]:
        return ""
    values, limit = row[row["goal"]["of"]], row["goal"]["at most"]
    what = {"ratio": "", "ours": "ours ", "more": "ours - stock "}[row["goal"]["of"]]
    unsure = " within the spread" if values["min"] <= limit < values["max"] else ""
    return f"{what}<= {limit:g} {'met' if row['met'] else 'MISSED'}{unsure}"


def print_table(rows):
    form = "{:<17} {:<15} {:>24} {:>24} {:>20}  {}"
    arch = None
    for row in rows:
        if not row["stock"]["max"] and not row["ours"]["max"]:
            continue
        if row["arch"] != arch:
            arch = row["arch"]
            print(f"\n{arch}, median and spread of {row['runs']} runs")
            print(form.format("operation", "metric", "stock", "ours", "ours/stock", "goal"))
        ratio = interval(row["ratio"], "{:.3f}".format) if row["ratio"] else "-"
        print(form.format(row["operation"], row["metric"], interval(row["stock"], number),
                          interval(row["ours"], number), ratio, verdict(row)).rstrip())


EXPLANATION = """
instructions: executed between the markers, of user space and of the kernel; QEMU's
plugin counts, one CPU, -icount. layer: of these, from entering a function of the layer
(hw_breakpoint.c and its folder, core and architecture) until it returns, what it calls
included, followed by the stack. writes, reads: of debug registers; for switch- per
context switch of two real-time threads. bank: writes and reads of the numbered ones.
kvm-: per entry into a guest and exit; kvm-owned, a guest that reads its registers, per
two. Host and guest have two breakpoints each where they have any, arm64's guest one;
the host's of kvm-...-user do not count in the kernel. kvm-shared, kvm-guest with a
debugger of the guest's that has one, too; on stock it has all registers for itself, and
the guest's own are not hit. ns: the guest's clock on two emulated CPUs, a second
opinion. growth: the layer's instructions with @N to those with @1. @N: threads that
have a breakpoint each; perf bench's threads, thread@N per batch, enable@N per off and
on. shared: writes of the layer, what it calls included, to 64 bytes that another CPU
has written or read since, in the same operations, while two CPUs repeat them;
shared-kernel: of all the kernel. task-: events of a task, bound-: of a task on CPU 0,
both while somebody holds as many; copy-: of tasks that all have copies of one original,
while its task holds more; cpu-: of a CPU; last-: of a CPU that has room for no other,
after a task had one; first-: of a task after that."""


def print_summary(rows):
    goals = [row for row in rows if row["goal"]]
    missed = [row for row in goals if not row["met"]]
    print(EXPLANATION)
    print(f"\n{len(goals) - len(missed)} of {len(goals)} goals met")
    for row in missed:
        print(f"{row['arch']} {row['operation']} {row['metric']}: "
              f"{interval(row[row['goal']['of']], '{:.3f}'.format)} {verdict(row)}")


def counted(row):
    """A guest need not cost anything; other operations always do something.

    Only changing an event writes nothing that is shared, on stock neither.
    """
    if row["metric"] == SHARED:
        return row["stock"]["min"] > 0 or row["operation"].endswith("-modify")
    if not row["goal"]["at most"]:
        return True
    if row["operation"].startswith(KVM):
        return row["stock"]["min"] > 0
    return row["stock"]["min"] > 0 and row["ours"]["min"] > 0


def assert_goals(rows, names):
    """KTAP: each of OPERATION/METRIC was counted on both kernels, and its goal is met."""
    print(f"KTAP version 1\n1..{len(names)}")
    failed = 0
    for n, name in enumerate(names, 1):
        fine = False
        for row in rows:
            if f"{row['operation']}/{row['metric']}" == name and row["goal"]:
                print(f"# {row['arch']}: stock {interval(row['stock'], number)}, "
                      f"ours {interval(row['ours'], number)}, goal {row['goal']}")
                fine = row["met"] and counted(row)
        failed += not fine
        print(f"{'ok' if fine else 'not ok'} {n} {name}")
    return failed


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=pathlib.Path)
    parser.add_argument("--picture", type=pathlib.Path)
    parser.add_argument("--assert", dest="goals", nargs="+", metavar="OPERATION/METRIC")
    parser.add_argument("folder", type=pathlib.Path)
    args = parser.parse_args()
    table = read_runs(args.folder)
    if not table:
        sys.exit(f"bench: {args.folder} has no measurement")
    rows = [compare(key, trees) for key, trees in table.items()]
    rows += flatness(rows)
    rows.sort(key=lambda row: row["arch"] != "x86_64")
    if args.json:
        args.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    if args.goals:
        sys.exit(1 if assert_goals(rows, args.goals) else 0)
    print_table(rows)
    print_summary(rows)
    if args.picture:
        import bench_plot
        bench_plot.draw(rows, args.picture)


if __name__ == "__main__":
    main()
