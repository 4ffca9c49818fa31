#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""What stock trace-cmd and perf printed of the tracepoints, against what they should.

usage: tracing.py HEADER                    the names of its tracepoints
       tracing.py HEADER DIR EVENT [MISSING]
                                            of this one; "complaints" and "refusals" of all

HEADER is include/trace/events/hw_breakpoint.h; DIR has what selftests/hw_breakpoint/tracing.sh
has written. With the word MISSING the event does not happen there, but its format is looked at.
Status 0 if all is right.
"""
import re
import sys

TOOLS = ('trace-cmd', 'perf')
# What libtraceevent and its callers say of what they cannot read
COMPLAINT = re.compile(r'unknown|failed|CAN.T FIND|could not|invalid|error', re.IGNORECASE)
FIELD = re.compile(r'\tfield:(.*?);\toffset:(\d+);\tsize:(\d+);')
# key=value, as often as TP_printk() has it; behind a refusal its reason stands
TEXT = r'\w+=\S+(?: \w+=\S+)*(?: E[A-Z]+)?'


def read(folder, name):
    with open(f'{folder}/{name}', encoding='utf-8', errors='replace') as f:
        return f.read()


def names(header):
    """Those of TRACE_EVENT() and DEFINE_EVENT()."""
    with open(header, encoding='utf-8') as f:
        return re.findall(r'^(?:TRACE_EVENT|DEFINE_EVENT)\((?:\w+, )?(hwbp_\w+),', f.read(), re.MULTILINE)


def holes(text):
    """Yields each field that does not begin where the one before it ends."""
    end = 0
    for name, offset, size in FIELD.findall(text):
        if int(offset) != end:
            yield f'{name} is at {offset}, and what is before it ends at {end}'
        end = int(offset) + int(size)
    if not end:
        yield 'there are no fields'


def printed(folder, tool, event):
    """What stands behind the event's name, each time."""
    return re.findall(rf'\b{event}: *(.*)$', read(folder, tool), re.MULTILINE)


def keys(text):
    """Those of TP_printk()'s format."""
    return re.findall(r'(\w+)=%', text[text.index('print fmt:'):])


def check_event(folder, event, missing):
    """Yields what is wrong."""
    form = read(folder, f'format.{event}')
    yield from holes(form)
    for tool in TOOLS:
        found = printed(folder, tool, event)
        if bool(found) == missing:
            yield f'{tool} has it {len(found)} times'
        for text in found:
            if not re.fullmatch(TEXT, text.rstrip()) or re.findall(r'(\w+)=', text) != keys(form):
                yield f'{tool} prints: {text}'
                break


def complaints(folder):
    """Yields each line that is one."""
    for name in (*TOOLS, *(f'{tool}.err' for tool in TOOLS), 'check-events'):
        for line in read(folder, name).splitlines():
            if COMPLAINT.search(line) and (name in TOOLS or 'hwbp' in line):
                yield f'{name}: {line}'


def refusals(folder):
    """Yields each tool that has a refusal without a reason, or none."""
    for tool in TOOLS:
        found = re.findall(r' ret=-(\d+)(.*)$', read(folder, tool), re.MULTILINE)
        if ('28', ' ENOSPC') not in found:
            yield f'{tool}: no ENOSPC'
        yield from (f'{tool}: -{number}{text}' for number, text in sorted(set(found))
                    if not re.fullmatch(' E[A-Z]+', text.rstrip()))


def main():
    if len(sys.argv) == 2:
        print('\n'.join(names(sys.argv[1])))
        return 0
    folder, event = sys.argv[2:4]
    if event in ('complaints', 'refusals'):
        wrong = list({'complaints': complaints, 'refusals': refusals}[event](folder))
    else:
        wrong = list(check_event(folder, event, sys.argv[4:] == ['MISSING']))
    print('\n'.join(wrong))
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main())
