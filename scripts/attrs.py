#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Compares what two kernels answer to the same breakpoint requests.

usage: attrs.py ARCH STOCK OURS EXPECTED

STOCK and OURS are outputs of attrs.c: "key -> answer". Prints KTAP, one case for
each section. EXPECTED lists the differences that are meant to be, one a line:
    ARCH|any  PATTERN-OF-KEY  STOCK'S-ANSWER  OURS  # why
with shell patterns without blanks in them ("?" stands for one); a line that
explains nothing any more is a failure too, so that the list stays true. Lines between
    when  ARCH  KEY  STOCK'S-ANSWER  # why
    end
count only where stock gives that answer: not all stock kernels are the same.
"""
import fnmatch
import sys

SHOWN = 20


def read(path):
    """{key: answer}, and whether the program came to its end."""
    answers, over = {}, False
    with open(path, errors='replace') as f:
        for line in f:
            key, arrow, answer = line.rstrip('\n').partition(' -> ')
            if arrow:
                # the same request may be made twice from different states
                while key in answers:
                    key += "'"
                answers[key] = answer
            over = over or line == '# the end\n'
    return answers, over


class Expected:
    """The differences that are meant to be."""

    def __init__(self, path, arch, stock):
        self.rules = []
        said = {(key.replace(' ', '_'), answer) for key, answer in stock.items()}
        counts = True
        with open(path, encoding='utf-8') as f:
            for number, line in enumerate(f, 1):
                words = line.split('#')[0].split()
                if words and words[0] in ('when', 'end'):
                    counts = words[0] == 'end' or (words[1] == arch and tuple(words[2:]) in said)
                    continue
                if not words or not counts:
                    continue
                if len(words) != 4 or '#' not in line:
                    sys.exit(f'{path}:{number}: needs an architecture, a pattern, two answers and a reason')
                if words[0] in (arch, 'any'):
                    self.rules.append([f'{path.rsplit("/", 1)[-1]}:{number}', *words[1:], 0])

    def explains(self, key, stock, ours):
        for rule in self.rules:
            if all(fnmatch.fnmatchcase(a.replace(' ', '_'), b)
                   for a, b in zip((key, stock, ours), rule[1:4])):
                rule[4] += 1
                return True
        return False


def compare_section(keys, stock, ours, expected):
    """(lines of differences, number that was expected)"""
    lines, meant = [], 0
    for key in keys:
        s, o = stock.get(key, 'not asked'), ours.get(key, 'not asked')
        if s == o:
            continue
        if expected.explains(key, s, o):
            meant += 1
        else:
            lines.append(f'{key}: stock {s}, ours {o}')
    return lines, meant


def main():
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    arch = sys.argv[1]
    stock, stock_over = read(sys.argv[2])
    ours, ours_over = read(sys.argv[3])
    expected = Expected(sys.argv[4], arch, stock)
    sections = {}
    for key in dict.fromkeys([*stock, *ours]):
        sections.setdefault(key.split()[0], []).append(key)
    cases = [(stock_over and ours_over, 'both came to their end', [])]
    for section, keys in sections.items():
        lines, meant = compare_section(keys, stock, ours, expected)
        cases.append((not lines, f'{section}: {len(keys)} answers, {len(lines)} differ, {meant} are meant to', lines))
    for where, _, _, _, used in expected.rules:
        cases.append((used > 0, f'{where} explains {used}', []))
    print(f'KTAP version 1\n# Subtest: attrs-{arch}\n1..{len(cases)}')
    for number, (fine, text, lines) in enumerate(cases, 1):
        for line in lines[:SHOWN]:
            print('# ' + line)
        if len(lines) > SHOWN:
            print(f'# and {len(lines) - SHOWN} more')
        print(f'{"ok" if fine else "not ok"} {number} {text}')
    sys.exit(0 if all(case[0] for case in cases) else 1)


if __name__ == '__main__':
    main()
