#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Says what of this repository still fits a kernel tree, and where it does not.

Hooks are tried exactly as overlay.py applies them. One that no longer applies is taken
apart, and each part is tried alone: most often one of them matches nothing any more.
TREE is only read. Status 0 if everything fits, 1 if not or if TREE is no kernel tree.
"""
import argparse
import concurrent.futures
import copy
import os
import re
import sys
import tempfile
import textwrap

import hook
import overlay
import series as kernels

TOP = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))


def rules(lines):
    """A semantic patch's rules, as (line number, text)."""
    starts, open_header = [], False
    for n, line in enumerate(lines):
        if line.startswith('@'):
            if not open_header:
                starts.append(n)
            # @@ ... @@ on one line, or each on its own
            open_header = not open_header and line.count('@') < 3
    for start, end in zip(starts, starts[1:] + [len(lines)]):
        body = [line for line in lines[start:end] if not line.startswith('//')]
        yield start + 1, '\n'.join(body).strip()


def commands(lines):
    """A sed script's commands, as (line number, text). A command in a block stands there
    with the block's addresses; a block that joins lines or loops stays whole."""
    blocks, start, whole = [], None, False
    for n, line in enumerate(lines):
        if start is None:
            if not line.strip() or line.lstrip().startswith('#'):
                continue
            start = n
        if line.endswith('\\'):
            continue
        text = '\n'.join(lines[start:n + 1])
        if whole:
            # the bracket of the outermost block that stays whole is in column 1
            if line != '}' * len(line):
                continue
            yield start + 1, text
            blocks, whole = [], False
        elif text.endswith('{'):
            whole = not blocks and joins(lines, n)
            if whole:
                continue
            blocks.append(text)
        elif text.strip() == '}':
            blocks.pop()
        else:
            yield start + 1, '\n'.join(blocks + [text] + ['}'] * len(blocks))
        start = None


def joins(lines, start):
    """Whether the block that begins there has a command N, or a label."""
    end = next((n for n in range(start, len(lines)) if lines[n] == '}'), len(lines))
    return any(re.match(r'\s*(N$|:)', line) for line in lines[start:end])


def parts(broken):
    """What a hook consists of, as (line number, text)."""
    with open(broken.path, encoding='utf-8') as f:
        lines = f.read().splitlines()
    return list(commands(lines) if broken.path.endswith('.sed') else rules(lines))


def effect(broken, text, before):
    """What one part of a hook changes by itself, like +1 -0, or the tool's complaint."""
    ending = os.path.splitext(broken.path)[1]
    with tempfile.TemporaryDirectory() as folder:
        part = copy.copy(broken)
        part.path = f'{folder}/part{ending}'
        with open(part.path, 'w', encoding='utf-8') as f:
            f.write(text + '\n')
        after = folder + '/after' + os.path.splitext(before)[1]
        try:
            hook.run_tool(part, before, after)
        except hook.HookError as e:
            return str(e)
        return hook.count(before, after)


def explain(broken, before):
    """Lines about the parts that match nothing; about all if there is none of these."""
    effects = [(line, text, effect(broken, text, before)) for line, text in parts(broken)]
    silent = [e for e in effects if e[2] == '+0 -0']
    for line, text, got in silent or effects:
        did = 'matches nothing there' if got == '+0 -0' else f'gives {got}'
        yield f'    {broken.name}:{line} {did}:'
        yield textwrap.indent(text, '        ')


def try_file(tree, path, hooks):
    """What to say of one kernel file's hooks: of those that apply and of those that do not."""
    before = f'{tree}/{path}'
    if not os.path.isfile(before):
        return [], [[f'{each.name}: {path}: the kernel has no such file'] for each in hooks]
    good, bad = [], []
    with tempfile.TemporaryDirectory() as folder:
        for i, each in enumerate(hooks):
            after = f'{folder}/{i}' + os.path.splitext(path)[1]
            try:
                hook.apply(each, before, after)
                good.append(f'{each.name}: {path}: applies')
                before = after
            except hook.Incomplete as e:
                wanted = ' or '.join(each.expect)
                bad.append([f'{each.name}: {path}: got {e.got}, expected {wanted}', *explain(each, before)])
            except hook.HookError as e:
                bad.append([str(e)])
    return good, bad


def try_tree(tree):
    """Prints what fits and what does not; true if everything fits."""
    name = kernels.of(tree)
    files = hook.by_file(TOP + '/hooks', name)
    broken = []
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for good, bad in pool.map(lambda item: try_file(tree, *item), files.items()):
            broken += bad
            for line in good:
                print(line, flush=True)
    collisions = list(overlay.collisions(tree, TOP, name))
    for lines in broken + [[c] for c in collisions]:
        print('\n'.join(lines))
    version = '.'.join(map(str, kernels.version(tree)))
    applied = sum(map(len, files.values())) - len(broken)
    print(f'Linux {version}, series {name}: {applied} hooks apply, {len(broken)} do not; '
          f'{len(collisions)} files do not fit')
    return not broken and not collisions


def main():
    parser = argparse.ArgumentParser(prog='./run port', description='What still fits a kernel tree.')
    parser.add_argument('tree', metavar='TREE', help='an unpacked kernel; it is not changed')
    try:
        return 0 if try_tree(parser.parse_args().tree) else 1
    except (hook.HookError, kernels.TreeError) as e:
        sys.exit(f'run: {e}')


if __name__ == '__main__':
    sys.exit(main())
