#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""states.py PAGE SECTION FILE...: the state tables of a document and of the code agree.

Who changes what is said in three places, and each must have the same changes:

- PAGE, in the section SECTION: a table whose columns are "from", "to" and "by"; the
  latter begins with the name of a function, and other words may follow;
- the comment at the top of each FILE: a line " *<tab>OLD, OLD<tabs>-> NEW<tabs>FUNC()";
- the comment above each such function: a line "OLD, OLD -> NEW".

One FILE may have the changes of some states and another those of the others, but a file
names at its top what it makes itself.
"""
import re
import sys

HEAD = re.compile(r' \*\t(\w[\w, ]*?)\s+-> (\w+)\s+(\w+)\(\)')
TAG = re.compile(r'(?:/\*| \*) (\w[\w, ]*?) -> (\w+)(?: \*/)?')
FUNCTION = re.compile(r'(?:[\w*]+\s+)+\**(\w+)\(')


def changes(old, new, function):
    return {(o.strip(), new, function) for o in old.split(',')}


def section_of(page, title):
    """The lines of a section, to the next title of its kind or a larger one's."""
    lines = open(page, encoding='utf-8').read().split('\n')
    for n, line in enumerate(lines[1:], 1):
        if lines[n - 1] == title and line and line == line[0] * len(title):
            rest = lines[n + 1:]
            return rest[:next((i - 1 for i, under in enumerate(rest)
                               if i and under and under == line[0] * len(rest[i - 1])),
                              len(rest))]
    sys.exit(f'{page}: no section {title}')


def of_page(page, title):
    """The rows of the table; a line whose first cell is empty is more of the last."""
    section = section_of(page, title)
    head = next((n for n, line in enumerate(section) if line.split() == ['from', 'to', 'by']), None)
    if head is None:
        sys.exit(f'{page}: {title}: no table of from, to, by')
    columns = [m.start() for m in re.finditer('=+', section[head + 1])] + [None]
    rows = []
    for line in section[head + 2:]:
        if line.startswith('='):
            break
        cells = [line[a:b].strip() for a, b in zip(columns, columns[1:])]
        if cells[0]:
            rows.append(cells)
    return set().union(*(changes(old, new, by.partition('(')[0]) for old, new, by in rows))


def of_head(lines):
    found = set()
    for line in lines:
        if line == ' */':
            break
        row = HEAD.fullmatch(line)
        if row:
            found |= changes(*row.groups())
    return found


def of_code(lines, states):
    """What comments say, of the function below; only where all names are states."""
    found, pending = set(), []
    for line in lines:
        tag, function = TAG.fullmatch(line), FUNCTION.match(line)
        if tag and {tag[2], *(o.strip() for o in tag[1].split(','))} <= states:
            pending.append(tag)
        elif function and pending:
            for tag in pending:
                found |= changes(tag[1], tag[2], function[1])
            pending = []
    return found


def differences(what, here, there):
    for where, more in ((what[0], here - there), (what[1], there - here)):
        for old, new, function in sorted(more):
            yield f'only {where}: {old} -> {new} by {function}()'


def main():
    page, title, *files = sys.argv[1:]
    page_says, heads, problems = of_page(page, title), set(), []
    states = {s for old, new, _ in page_says for s in (old, new)}
    for path in files:
        lines = open(path, encoding='utf-8').read().split('\n')
        head = of_head(lines)
        problems += differences((f'at the top of {path}', 'above its functions'), head, of_code(lines, states))
        heads |= head
    problems += differences((f'in {page}', 'at the top of the files'), page_says, heads)
    print('\n'.join(problems) or f'{title}: {len(page_says)} changes of {len(states)} states')
    sys.exit(bool(problems))


if __name__ == '__main__':
    main()
