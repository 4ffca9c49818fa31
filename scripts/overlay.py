#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Lays this repository over a pristine kernel tree.

usage: overlay.py STOCK OURS CHECKOUT

OURS began as a copy of STOCK (hard links). Every file of ours adds one there or
replaces one of hooks/replaced, every hook derives one from STOCK's, hooks/deleted
removes some, and what is no longer wanted goes back to STOCK's. Only what changed is
written, so that a rebuild compiles only that. The state is in OURS/.overlay.json.
"""
import hashlib
import json
import os
import shutil
import subprocess
import sys

import hook
import series as kernels

# Tracked files below these are the kernel's; everything else is the project's.
KERNEL_ROOTS = ('arch', 'Documentation', 'include', 'kernel', 'lib', 'samples', 'tools', 'virt')
STATE = '.overlay.json'


def fail(message):
    sys.exit(f'run: overlay: {message}')


def digest(*parts):
    return hashlib.sha256(b'\0'.join(parts)).hexdigest()


def read(path):
    with open(path, 'rb') as f:
        return f.read()


def tracked(checkout, *below):
    """The files of this repository, or those below some folders."""
    git = ['git', '-C', checkout, '-c', 'safe.directory=*', 'ls-files', '-z', '-co', '--exclude-standard']
    listed = subprocess.run(git + list(below), capture_output=True, text=True)
    if listed.returncode:
        fail(f'git ls-files failed: {listed.stderr.strip()}')
    return sorted(p for p in set(listed.stdout.split('\0')) if os.path.isfile(f'{checkout}/{p}'))


def our_files(checkout, series):
    """{path in the tree: ours}, of this repository's files that belong there."""
    own = f'series/{series}/'
    found = {}
    for path in tracked(checkout, *KERNEL_ROOTS, own):
        target = path.removeprefix(own)
        if target in found:
            fail(f'{target} is twice here, below {own} and not')
        found[target] = f'{checkout}/{path}'
    return found


def listed_files(path):
    """The lines of hooks/deleted or hooks/replaced."""
    if not os.path.exists(path):
        return []
    with open(path, encoding='utf-8') as f:
        lines = [line.split('#')[0].strip() for line in f]
    return [line for line in lines if line]


def collisions(stock, checkout, series):
    """What is wrong with our files in this tree, a line each: a later kernel may have a file
    of the same name, and one that we replace may have gone, with what has become of it."""
    replaced = listed_files(f'{checkout}/hooks/replaced')
    for path in our_files(checkout, series):
        if os.path.exists(f'{stock}/{path}') and path not in replaced:
            yield f'{path}: the kernel has this file, and hooks/replaced does not name it'
    for name, paths in (('replaced', replaced), ('deleted', listed_files(f'{checkout}/hooks/deleted'))):
        for path in paths:
            if not os.path.exists(f'{stock}/{path}'):
                yield f'{path}: the kernel has no such file, and hooks/{name} names it'


def make_plan(stock, checkout):
    """{path in the tree: (key, kind, what)}; equal keys mean equal results."""
    plan = {}
    series = kernels.of(stock)
    for collision in collisions(stock, checkout, series):
        fail(collision)
    for path, ours in our_files(checkout, series).items():
        plan[path] = (digest(b'file', read(ours)), 'file', ours)
    for path in listed_files(f'{checkout}/hooks/deleted'):
        if path not in plan:
            plan[path] = ('deleted', 'deleted', None)
    for path, hooks in hook.by_file(f'{checkout}/hooks', series).items():
        if path in plan:
            fail(f'{hooks[0].name} edits {path}, which is deleted or wholly ours')
        if not os.path.exists(f'{stock}/{path}'):
            fail(f'{hooks[0].name}: the kernel has no {path}')
        key = digest(b'hooks', read(f'{stock}/{path}'), *(read(h.path) for h in hooks))
        plan[path] = (key, 'hooks', hooks)
    return plan


def write(path, content, like):
    """Replaces a file, never edits it: the old one may be a link into STOCK."""
    if os.path.exists(path) and read(path) == content:
        return
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path + '.overlay', 'wb') as f:
        f.write(content)
    shutil.copymode(like, path + '.overlay')
    os.replace(path + '.overlay', path)


def remove(path):
    if os.path.exists(path):
        os.unlink(path)


def revert(stock, ours, path):
    """STOCK's file again, as new: make has to see that it changed."""
    if os.path.exists(f'{stock}/{path}'):
        write(f'{ours}/{path}', read(f'{stock}/{path}'), f'{stock}/{path}')
    else:
        remove(f'{ours}/{path}')


def carry_out(stock, ours, path, step):
    _, kind, what = step
    target = f'{ours}/{path}'
    if kind == 'file':
        write(target, read(what), what)
    elif kind == 'deleted':
        remove(target)
    else:
        content = hook.apply_all(what, f'{stock}/{path}')
        write(target, content, f'{stock}/{path}')


def load(path):
    try:
        return json.loads(read(path))
    except (OSError, ValueError):
        return {}


def store(path, state):
    with open(path + '.new', 'w') as f:
        json.dump(state, f, indent=0, sort_keys=True)
    os.replace(path + '.new', path)


def main():
    stock, ours, checkout = sys.argv[1:]
    state_file = f'{ours}/{STATE}'
    state = load(state_file)
    try:
        plan = make_plan(stock, checkout)
        changed = [p for p, step in plan.items() if state.get(p) != step[0]]
        gone = [p for p in state if p not in plan]
        if not changed and not gone:
            return
        # an interruption from here on leaves these to be done again
        store(state_file, {**state, **{p: '' for p in changed + gone}})
        for path in gone:
            revert(stock, ours, path)
        for path in changed:
            carry_out(stock, ours, path, plan[path])
    except (hook.HookError, kernels.TreeError) as e:
        fail(str(e))
    store(state_file, {p: step[0] for p, step in plan.items()})
    print(f'run: overlay: {len(changed)} files laid, {len(gone)} taken back', file=sys.stderr)


if __name__ == '__main__':
    main()
