# SPDX-License-Identifier: GPL-2.0
"""gdb in the guest that is debugged: a watchpoint and steps of its own in ./counter; run by gdb.

Prints the values that beta took, and how many of ten steps went on by an instruction.
"""
import gdb


def pc():
    return int(gdb.parse_and_eval('(long)$pc'))


def steps():
    gone = 0
    for _ in range(10):
        before = pc()
        gdb.execute('stepi', to_string=True)
        gone += pc() != before
    return gone


gdb.execute('set pagination off')
gdb.Breakpoint('beta.value', type=gdb.BP_WATCHPOINT)
gdb.execute('run 3', to_string=True)
values = [int(gdb.parse_and_eval('beta.value'))]
while values[-1] < 3:
    gdb.execute('continue', to_string=True)
    values.append(int(gdb.parse_and_eval('beta.value')))
print('changes', *values)
gdb.execute('delete')
print('steps', steps())
gdb.execute('continue', to_string=True)
