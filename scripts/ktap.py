#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Reads KTAP with the kernel's own parser.

usage: ktap.py compare NAME STOCK OURS

compare prints a KTAP subtest called NAME with one case for each case of the two
files: better, same and worse. Worse, or nothing to compare, is a failure.
"""
import io
import os
import sys

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, TOP + '/build/stock/tools/testing/kunit')
sys.dont_write_bytecode = True
# the kernel's own; it prints as it parses, which nobody wants to read here
import kunit_parser  # noqa: E402

Status = kunit_parser.TestStatus
GOOD = (Status.SUCCESS,)
SKIPPED = (Status.SKIPPED,)


def parse(text):
    """The tree of tests of a KTAP text."""
    kunit_parser.stdout._output = io.StringIO()
    return kunit_parser.parse_run_tests(text.splitlines())


def leaves(test, prefix=''):
    """(path, status, log) of each case; equal names get a number."""
    seen = {}
    for sub in test.subtests:
        name = sub.name.strip()
        seen[name] = seen.get(name, 0) + 1
        if seen[name] > 1:
            name += f' ({seen[name]})'
        if sub.subtests:
            yield from leaves(sub, f'{prefix}{name}/')
        else:
            yield prefix + name, sub.status, sub.log


def read(path):
    with open(path, errors='replace') as f:
        return {name: status for name, status, _ in leaves(parse(f.read()))}


def verdict(stock, ours):
    """(whether ours is no worse, the word for it)"""
    if ours in GOOD:
        return True, 'same' if stock in GOOD else 'better'
    if stock in GOOD:
        return False, 'worse'
    if ours is None:
        return stock in SKIPPED, 'worse: did not run'
    if ours in SKIPPED:
        return True, 'same: skipped' if stock in SKIPPED else 'same: skipped, fails on stock'
    return stock is not None and stock not in SKIPPED, \
        'same: fails on stock too' if stock is not None else 'worse: fails, unknown on stock'


def compare(name, stock, ours):
    """Prints the subtest; returns the number of failures."""
    stock, ours = read(stock), read(ours)
    names = list(dict.fromkeys([*stock, *ours]))
    print(f'KTAP version 1\n# Subtest: {name}\n1..{max(len(names), 1)}')
    if not names:
        print('not ok 1 nothing-to-compare')
        return 1
    bad = 0
    for i, case in enumerate(names, 1):
        fine, word = verdict(stock.get(case), ours.get(case))
        bad += not fine
        skip = ' # SKIP' if word == 'same: skipped' else ''
        print(f'{"ok" if fine else "not ok"} {i} {case.replace("#", "")}{skip} # {word}' if not skip else
              f'ok {i} {case.replace("#", "")} # SKIP on both')
    return bad


if __name__ == '__main__':
    if len(sys.argv) != 5 or sys.argv[1] != 'compare':
        sys.exit(__doc__)
    sys.exit(1 if compare(*sys.argv[2:]) else 0)
