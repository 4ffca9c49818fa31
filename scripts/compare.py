#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Compares what upstream's suites said on the stock kernel and on ours.

usage: compare.py NAME STOCK OURS

STOCK and OURS are logs of upstream.sh. Prints KTAP, one case for each of theirs,
then a table. "Worse" is a failure: a case that passed and does not any more, that
ran and does not any more, and a group of suites that passes nowhere without
saying why.
"""
import re
import sys

import ktap

Status = ktap.Status
WORDS = {Status.SUCCESS: 'pass', Status.FAILURE: 'fail', Status.SKIPPED: 'skip', None: 'absent'}
SECTION = re.compile(r'^# selftests: (\S+)$')
END = re.compile(r'^# exit: ([0-9]+)$')


def sections(lines):
    """(name, lines, exit status or None) of each program's part of a log."""
    name, body = None, []
    for line in lines:
        start, end = SECTION.match(line), END.match(line)
        if start:
            if name:
                yield name, body, None
            name, body = start[1], []
        elif end and name:
            yield name, body, int(end[1])
            name = None
        else:
            body.append(line)
    if name:
        yield name, body, None


def exit_result(status):
    """kselftest's meaning of an exit status; None: it never ended."""
    return {0: Status.SUCCESS, 4: Status.SKIPPED}.get(status, Status.FAILURE)


def case_results(tree):
    """{case: result}, and whether all that were planned were begun."""
    results, begun = {}, Status.SUCCESS
    for case, result, _ in ktap.leaves(tree):
        if case == '' or case.endswith('/'):
            begun = Status.FAILURE
        else:
            results[case] = result
    return results | {'all cases were begun': begun}


def cases(path):
    """{'group/program': {case: result}} of a log."""
    with open(path, errors='replace') as f:
        lines = [line.rstrip('\r\n') for line in f]
    found = {}
    for name, body, status in sections(lines):
        results = found.setdefault(name, {})
        if any(re.match(r'K?TAP version', line) for line in body):
            results |= case_results(ktap.parse('\n'.join(body)))
        results['exit status'] = exit_result(status)
    return found


def verdict(stock, ours):
    """better, same or worse"""
    if ours == stock:
        return 'same'
    if ours == Status.SUCCESS:
        return 'better'
    # a case that stock never reached tells nothing when it fails here
    if stock is None or (stock == Status.TEST_CRASHED and ours is not None):
        return 'same'
    return 'worse'


def word(result):
    return WORDS.get(result, 'crash')


class Report:
    """The KTAP and the table, group by group."""

    def __init__(self):
        self.lines = []
        self.number = self.failed = 0
        self.table = {}

    def case(self, fine, text):
        self.number += 1
        self.failed += not fine
        text = text.replace('#', '').replace('  ', ' ')
        self.lines.append(f'{"ok" if fine else "not ok"} {self.number} {text}')

    def program(self, name, stock, ours):
        row = self.table.setdefault(name.split('/')[0], dict.fromkeys(('better', 'same', 'worse', 'passing'), 0))
        for case in dict.fromkeys([*stock, *ours]):
            s, o = stock.get(case), ours.get(case)
            result = verdict(s, o)
            row[result] += 1
            row['passing'] += Status.SUCCESS in (s, o) or s == o == Status.SKIPPED
            detail = f'({word(s)})' if s == o else f'(stock {word(s)}, ours {word(o)})'
            self.case(result != 'worse', f'{name}.{case}: {result} {detail}')

    def groups(self):
        """A group in which nothing passes anywhere tests nothing."""
        for group, row in self.table.items():
            self.case(row['passing'] > 0, f'{group}: something passes or says why not')
        if not self.table:
            self.case(False, 'nothing was run')

    def show(self, name):
        print(f'KTAP version 1\n# Subtest: {name}\n1..{self.number}')
        print('\n'.join(self.lines))
        print(f'# {name:<20} better  same worse')
        for group, row in self.table.items():
            print(f'# {group:<20} {row["better"]:6} {row["same"]:5} {row["worse"]:5}')


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    name, stock, ours = sys.argv[1], cases(sys.argv[2]), cases(sys.argv[3])
    report = Report()
    for program in dict.fromkeys([*stock, *ours]):
        report.program(program, stock.get(program, {}), ours.get(program, {}))
    report.groups()
    report.show(name)
    sys.exit(1 if report.failed else 0)


if __name__ == '__main__':
    main()
