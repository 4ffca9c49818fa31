#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Shows defects side by side: what fails on the stock kernel and passes on ours.

usage: defects.py STOCK OURS

STOCK and OURS are the KTAP that one test program printed on either kernel. Prints
KTAP, one case for each of its cases. A case fails if it fails on ours, or if it
passes on the stock kernel: it proves nothing then. One whose name ends in
", control" has to pass on both: it shows that the test itself works.
"""
import re
import sys

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


def proves(name, stock, ours):
    """Whether the pair is what it should be."""
    if ours is None or stock is None or ours[1] or stock[1]:
        return False
    return ours[0] and stock[0] == name.endswith(', control')


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    stock, ours = results(sys.argv[1]), results(sys.argv[2])
    names = list(ours) + [n for n in stock if n not in ours]
    print(f'KTAP version 1\n1..{max(len(names), 1)}')
    if not names:
        print('not ok 1 the test printed no result on either kernel')
    bad = not names
    for n, name in enumerate(names, 1):
        good = proves(name, stock.get(name), ours.get(name))
        print(f'{"ok" if good else "not ok"} {n} {name}: stock {describe(stock.get(name))}, '
              f'ours {describe(ours.get(name))}')
        bad |= not good
    sys.exit(bad)


if __name__ == '__main__':
    main()
