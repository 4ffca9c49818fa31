# SPDX-License-Identifier: GPL-2.0
"""Reads KTAP with the kernel's own parser."""
import io
import os
import re
import sys

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
# the series' folder, as scripts/lib.sh has it
BUILD = TOP + ('/build/7.x' if os.environ.get('HWB_SERIES') == '7.x' else '/build')
sys.path.insert(0, BUILD + '/stock/tools/testing/kunit')
sys.dont_write_bytecode = True
# the kernel's own; it prints as it parses, which nobody wants to read here
import kunit_parser  # noqa: E402
import kunit_printer  # noqa: E402

Status = kunit_parser.TestStatus


def refuse_late_plan(text):
    """The kernel's parser does not come back from a plan that stands behind its results."""
    results = {}
    for number, line in enumerate(text.splitlines(), 1):
        what = line.lstrip()
        depth = len(line) - len(what)
        if re.match(r'K?TAP version ', what):
            results[depth] = 0
        elif re.match(r'(not )?ok ', what):
            results = {d: n for d, n in results.items() if d <= depth}
            results[depth] = results.get(depth, 0) + 1
        elif re.match(r'1\.\.\d+', what) and results.get(depth):
            raise ValueError(f'line {number}: a plan behind results')


def parse(text):
    """The tree of tests of a KTAP text."""
    nowhere = kunit_printer.Printer(output=io.StringIO())
    if not hasattr(kunit_parser, 'stdout'):
        return kunit_parser.parse_run_tests(text.splitlines(), nowhere)
    # 6.12's has a printer of its own
    kunit_parser.stdout = nowhere
    return kunit_parser.parse_run_tests(text.splitlines())


def leaves(test, prefix=''):
    """(path, status, log) of each case; equal names get a number.

    A case that was planned and not begun has none: its path ends in a slash or is empty.
    """
    seen = {}
    for sub in test.subtests:
        name = sub.name.strip()
        seen[name] = seen.get(name, 0) + 1
        if name and seen[name] > 1:
            name += f' ({seen[name]})'
        if sub.subtests:
            yield from leaves(sub, f'{prefix}{name}/')
        else:
            yield prefix + name, sub.status, sub.log
