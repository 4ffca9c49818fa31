#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Finds addresses that kernel code of ours prints as they are.

usage: addresses.py FILE...

What goes to the log is %p, which the kernel hashes, and so is the text of a tracepoint,
which may get there. A table says what shown_address() says. FILE is C, or a hook,
whose lines that begin with + are.
"""
import re
import sys

CALL = re.compile(r'\b(pr_\w+|printk\w*|WARN\w*|panic|dev_\w+|kdb_printf|trace_printk|'
                  r'TP_printk|seq_printf)\s*\(')
STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
CONVERSION = re.compile(r'%(?:%|[-+ #0]*(\*|\d+)?(?:\.(\*|\d+))?(hh|h|ll|l|z|t)?([a-zA-Z])(x|K)?)')
# what an expression is called that is an address
ADDRESS = re.compile(r'addr|\b(?:ip|pc|sp|far|instruction_pointer|stack_pointer)\b|(?:^|\))\s*&\w')


def arguments(text, start):
    """The arguments of the call whose parenthesis ends before START."""
    found, depth, begin, i = [], 0, start, start
    while i < len(text):
        quoted = STRING.match(text, i)
        if quoted:
            i = quoted.end()
            continue
        if text[i] in '([{':
            depth += 1
        elif text[i] in ')]}':
            depth -= 1
        if depth < 0 or (depth == 0 and text[i] == ','):
            found.append(text[begin:i])
            begin = i + 1
        if depth < 0:
            break
        i += 1
    return found


def conversions(call):
    """(name, size, letter, expression) for each conversion of a call's format."""
    at = next((i for i, a in enumerate(call) if STRING.search(a)), None)
    if at is None:
        return
    values = iter(call[at + 1:])
    for m in CONVERSION.finditer(''.join(s[1:-1] for s in STRING.findall(call[at]))):
        if m[0] == '%%':
            continue
        for star in (m[1], m[2]):
            if star == '*':
                next(values, '')
        yield m[0], m[3], m[4], ' '.join(next(values, '').split())


def complaint(function, size, letter, suffix, value):
    """Why this must not be printed so, or None."""
    if letter == 'p':
        return '%px' if suffix.endswith('px') else None
    if letter not in 'diuoxX' or value.startswith('shown_address('):
        return None
    if ADDRESS.search(value):
        return 'an address'
    if letter in 'xX' and size in ('l', 'll') and function not in ('TP_printk', 'seq_printf'):
        return 'as long as an address'
    return None


def source(path):
    """The C of a file, with as many lines."""
    with open(path, encoding='utf-8') as f:
        text = f.read()
    if path.endswith('.cocci'):
        text = re.sub(r'^(?:\+(.*)|.*)$', lambda m: m[1] or '', text, flags=re.MULTILINE)
    return re.sub(r'/\*.*?\*/|//[^\n]*', lambda m: re.sub(r'[^\n]', ' ', m[0]), text, flags=re.DOTALL)


def main():
    bad = False
    for path in sys.argv[1:]:
        text = source(path)
        for call in CALL.finditer(text):
            for name, size, letter, value in conversions(arguments(text, call.end())):
                why = complaint(call[1], size, letter, name, value)
                if why:
                    print(f'{path}:{text.count(chr(10), 0, call.start()) + 1}: {call[1]}() prints '
                          f'"{value}" with {name}: {why}')
                    bad = True
    sys.exit(bad)


if __name__ == '__main__':
    main()
