#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Shows defects side by side: what fails on the stock kernel and passes on ours.

usage: defects.py STOCK OURS

STOCK and OURS are the KTAP that test programs printed on either kernel, one after
another. Prints KTAP, one case for each of their cases. A case fails if it fails on
ours, or if it passes on the stock kernel: it proves nothing then. One whose name ends
in ", control" has to pass on both: it shows that the test itself works; so has one that is in
mended-SERIES.txt beside this: it was a defect of an older kernel. A last case
fails if a program on ours did not print what it had planned: what is missing there and
on stock would not be seen otherwise.
"""
import os
import re
import sys

PLAN = re.compile(r'^1\.\.(\d+)')
CASE = re.compile(r'^(?:not )?ok (\d+) ')
LINE = re.compile(r'^(ok|not ok) \d+ (.*?)(?: # SKIP (.*))?$')


def results(path):
    """{case: (passed, skipped because, the diagnostics before it)}"""
    found, notes = {}, []
    with open(path, encoding='utf-8', errors='replace') as f:
        for line in f.read().splitlines():
            m = LINE.match(line)
            if m:
                found[m[2]] = (m[1] == 'ok', m[3], '; '.join(notes))
                notes = []
            elif line.startswith('# '):
                notes.append(line[2:])
    return found


def programs(path):
    """[cases that were planned, cases that were printed] of each program"""
    found = []
    with open(path, encoding='utf-8', errors='replace') as f:
        for line in f.read().splitlines():
            plan, case = PLAN.match(line), CASE.match(line)
            # a program without a plan begins with its first case
            if plan or case and (not found or case[1] == '1' and found[-1][1]):
                found.append([int(plan[1]) if plan else 0, 0])
            if case:
                found[-1][1] += 1
    return found


def incomplete(path):
    """What is wrong with the programs that printed less than they should have."""
    return [f'program {n} printed {printed} cases of {planned or "no plan"}'
            for n, (planned, printed) in enumerate(programs(path), 1)
            if not planned or printed < planned]


def describe(result):
    """One kernel's part of the line."""
    if result is None:
        return 'says nothing'
    passed, skipped, notes = result
    if skipped:
        return f'skips ({skipped})'
    if passed:
        return 'passes'
    return f'fails ({notes})' if notes else 'fails'


def mended():
    """Cases that the stock kernel of this series passes."""
    path = f'{os.path.dirname(os.path.abspath(__file__))}/mended-{os.environ.get("HWB_SERIES")}.txt'
    if not os.path.exists(path):
        return set()
    with open(path, encoding='utf-8') as f:
        return {line.strip() for line in f if not line.startswith('#')}


def proves(passes_on_stock, stock, ours):
    """Whether the pair is what it should be."""
    if ours is None or stock is None or ours[1] or stock[1]:
        return False
    return ours[0] and stock[0] == passes_on_stock


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    stock, ours = results(sys.argv[1]), results(sys.argv[2])
    names = list(ours) + [n for n in stock if n not in ours]
    missing = incomplete(sys.argv[2]) if names else ['there is no result on either kernel']
    bad = bool(missing)
    known = mended()
    print(f'KTAP version 1\n1..{len(names) + 1}')
    for n, name in enumerate(names, 1):
        good = proves(name.endswith(', control') or name in known, stock.get(name), ours.get(name))
        print(f'{"ok" if good else "not ok"} {n} {name}: stock {describe(stock.get(name))}, '
              f'ours {describe(ours.get(name))}')
        bad |= not good
    for what in missing:
        print(f'# {what}')
    print(f'{"not ok" if missing else "ok"} {len(names) + 1} all that ours planned was printed')
    sys.exit(bad)


if __name__ == '__main__':
    main()
