#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""barriers.py PAGE FILE...: each barrier of the code has a label that the document explains.

A label is a word, a colon and a capital, "claims:A". It is in a comment at the end of the
barrier's line, or in the comment that ends right above its statement. The document has it, as
``claims:A``, in the section "Memory ordering" of PAGE: in the table or the list there. What is
labelled there must be in a comment of the code, too.
"""
import re
import sys

from states import section_of

BARRIER = re.compile(r'\b(?:smp_(?:mb|rmb|wmb|store_mb|load_acquire|store_release|mb__\w+|'
                     r'acquire__\w+|cond_load_acquire)|barrier|[di]sb|(?:dma_|virt_)?[rw]?mb|'
                     r'(?:atomic\w*|(?:try_)?(?:cmp)?xchg\w*)_(?:acquire|release))\(')
LABEL = re.compile(r'\b[a-z][a-z0-9]*:[A-Z]\b')
COMMENT = re.compile(r'/\*.*?\*/|//[^\n]*', re.S)


def split(text):
    """The lines of code without comments, and the comments by the line that they end on."""
    comments = {}

    def blank(match):
        end = text.count('\n', 0, match.end())
        comments[end] = comments.get(end, '') + match[0]
        return re.sub(r'[^\n]', ' ', match[0])

    return COMMENT.sub(blank, text).split('\n'), comments


def first_line(code, n):
    """Where the statement begins that has line @n."""
    while n and code[n - 1].strip() and not re.search(r'[;{}:]\s*$', code[n - 1]):
        n -= 1
    return n


def labels_at(code, comments, n):
    """Of the barrier in line @n."""
    first = first_line(code, n)
    return LABEL.findall(' '.join(comments.get(i, '') for i in sorted({first - 1, first, n})))


def main():
    page, *files = sys.argv[1:]
    section = '\n'.join(section_of(page, 'Memory ordering'))
    explained = {label for word in re.findall(r'``([^`\n]*)``', section)
                 for label in LABEL.findall(word)}
    named, problems, total = set(), [], 0
    for path in files:
        code, comments = split(open(path, encoding='utf-8').read())
        named.update(LABEL.findall(' '.join(comments.values())))
        for n, line in enumerate(code):
            if not BARRIER.search(line):
                continue
            total += 1
            labels = labels_at(code, comments, n)
            if not labels:
                problems.append(f'{path}:{n + 1}: no label: {line.strip()}')
            problems += [f'{path}:{n + 1}: {label} is not in {page}'
                         for label in labels if label not in explained]
    problems += [f'{page}: {label} is in no comment' for label in sorted(explained - named)]
    print('\n'.join(problems) or f'{total} barriers, {len(explained)} labels')
    sys.exit(bool(problems))


if __name__ == '__main__':
    main()
