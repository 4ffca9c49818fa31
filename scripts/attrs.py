#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Compares what two kernels answer to the same breakpoint requests.

usage: attrs.py ARCH STOCK OURS EXPECTED
       attrs.py --table EXPECTED PAGE [--write]

STOCK and OURS are outputs of attrs.c: "key -> answer". Prints KTAP, one case for
each section. EXPECTED lists the differences that are meant to be; its first lines say
how. A line that explains nothing any more is a failure too, so that the list stays true,
and the test that shows what no answer does has to be there.

The second form compares the table in a page of documentation, between the comments
".. differences" and ".. end of differences", with the one made of EXPECTED, or
writes it there.
"""
import fnmatch
import os
import re
import sys
import textwrap

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


def in_words(answer):
    """What the first of the answers in a rule says."""
    first = answer.split('_')[0]
    return 'taken' if first == '0' else f'``{first}``'


class Expected:
    """The differences that are meant to be."""

    def __init__(self, path, arch=None, stock=None):
        """All of them, or those of one architecture where stock gives these answers."""
        self.path, self.name = path, os.path.basename(path)
        self.rules, self.rows = [], []
        said = {(key.replace(' ', '_'), answer) for key, answer in (stock or {}).items()}
        counts = True
        some = ''
        with open(path, encoding='utf-8') as f:
            for number, line in enumerate(f, 1):
                words = line.split('#')[0].split()
                if not words:
                    continue
                if words[0] == '@':
                    self.add_row(number, line)
                elif words[0] == 'seen':
                    self.add_case(number, line)
                elif words[0] in ('when', 'end'):
                    some = '' if words[0] == 'end' else ' by some kernels'
                    counts = not stock or not some or (words[1] == arch and tuple(words[2:]) in said)
                elif counts:
                    self.add_rule(number, words, arch, some)

    def wrong(self, number, text):
        sys.exit(f'{self.path}:{number}: {text}')

    def add_row(self, number, line):
        fields = [field.strip() for field in line[1:].split('|')]
        if len(fields) not in (3, 5) or not all(fields):
            self.wrong(number, 'needs an architecture, what a program does and why, and what each kernel does or neither')
        answers = [fields[3:]] if len(fields) == 5 else []
        self.rows.append({'line': number, 'where': fields[0], 'asked': fields[1], 'why': fields[2],
                          'answers': answers, 'shown': 0, 'in words': len(fields) == 5})

    def add_case(self, number, line):
        _, name, case = line.split(None, 2)
        if not self.rows or not self.rows[-1]['in words']:
            self.wrong(number, 'belongs to a difference that is told in words')
        with open(os.path.join(os.path.dirname(self.path), name), encoding='utf-8') as f:
            if not re.search(re.escape(case.strip()) + r'(\\n)?"', f.read()):
                self.wrong(number, f'{name} has no case "{case.strip()}"')
        self.rows[-1]['shown'] += 1

    def add_rule(self, number, words, arch, some):
        if len(words) != 4 or not self.rows or self.rows[-1]['in words']:
            self.wrong(number, 'needs a difference that it belongs to, an architecture, a pattern and two answers')
        self.rows[-1]['shown'] += 1
        answers = [in_words(answer) for answer in words[2:]]
        if answers[0] != answers[1]:
            self.rows[-1]['answers'].append([answers[0] + some, answers[1]])
        if not arch or words[0] in (arch, 'any'):
            self.rules.append([f'{self.name}:{number}', *words[1:], 0])

    def explains(self, key, stock, ours):
        for rule in self.rules:
            if all(fnmatch.fnmatchcase(a.replace(' ', '_'), b)
                   for a, b in zip((key, stock, ours), rule[1:4])):
                rule[4] += 1
                return True
        return False


def cell(bullet, text):
    """One cell of a list-table."""
    return textwrap.fill(text, 84, initial_indent=bullet, subsequent_indent='       ')


def table(expected):
    """The differences as reStructuredText."""
    lines = ['.. list-table::', '   :header-rows: 1', '   :widths: 8 30 16 16 30', '']
    rows = [('on', 'what a program does', 'stock', 'here', 'why')]
    for row in expected.rows:
        if not row['shown']:
            expected.wrong(row['line'], 'nothing shows this difference')
        stock, ours = (', '.join(dict.fromkeys(column)) for column in zip(*row['answers']))
        where = 'all' if row['where'] == 'any' else row['where']
        rows.append((where, row['asked'], stock, ours, row['why']))
    for row in rows:
        lines += [cell('   * - ' if not n else '     - ', text) for n, text in enumerate(row)]
    return '\n'.join(lines)


def document(path, page, write):
    """Compares the table in a page with the list, or replaces it."""
    begin, end = '.. differences\n\n', '\n\n.. end of differences\n'
    with open(page, encoding='utf-8') as f:
        text = f.read()
    before, found, rest = text.partition(begin)
    old, closed, after = rest.partition(end)
    if not found or not closed:
        sys.exit(f'{page}: no table between ".. differences" and ".. end of differences"')
    new = table(Expected(path))
    if write:
        with open(page, 'w', encoding='utf-8') as f:
            f.write(before + begin + new + end + after)
    elif new != old:
        sys.exit(f'{page}: the table of differences is not that of {path}; attrs.py --table --write makes it')


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
    write = '--write' in sys.argv
    if sys.argv[1:2] == ['--table'] and len(sys.argv) == 4 + write:
        document(sys.argv[2], sys.argv[3], write)
        return
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
