#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Hooks: edits to kernel files that are not ours.

usage: hook.py [--diff] --tree TREE HOOK...   check that each hook applies to TREE;
                                              show what it makes of its file

A hook is a file hooks/NAME.cocci (a semantic patch for Coccinelle) or
hooks/NAME.sed (a sed -E script, each edit anchored on one line: Kconfig,
Makefiles, assembly). One that only one series of kernels needs is in hooks/SERIES/,
and in no other folder. Its first comment lines say

    file: kernel/events/core.c      the file it edits
    reason: why                     may go on in further comment lines
    expect: +2 -1                   lines that diff must count, no more, no less;
                                    "+2 -1 or +0 -0" where later kernels have no
                                    need of the edit

Coccinelle is silent about a rule that does not match, and so is sed: the count
is what tells. Several hooks may edit one file; they apply in the order of their
names, and each is counted by itself.

A regular expression must mean the same in PCRE, which Debian 12's spatch reads,
and in OCaml's Str, which Debian 13's does: no (a|b), but a list of identifiers.
"""
import argparse
import glob
import os
import re
import subprocess
import sys
import tempfile


class HookError(Exception):
    """A hook that is malformed or cannot be tried."""


class Incomplete(HookError):
    """A hook that changes more or fewer lines than it says; `got` is what it changes."""

    def __init__(self, hook, got):
        super().__init__(
            f'{hook.name} does not apply completely: {hook.file} got {got} lines, '
            f'expected {" or ".join(hook.expect)}; this kernel differs from the one the '
            'hook was written for, or the hook is broken: mend the hook')
        self.got = got


class Hook:
    """One hook's header."""

    def __init__(self, path):
        self.path = path
        folder = max('hooks/', 'patches/interim/', key=path.rfind)
        self.name = folder + path.rpartition(folder)[2]
        self.file = self.field('file')
        self.field('reason')
        self.expect = self.field('expect').split(' or ')
        if not all(re.fullmatch(r'\+\d+ -\d+', e) for e in self.expect):
            raise HookError(f'{self.name}: "expect:" must read like +2 -1')

    def field(self, key):
        """The value of a header line, which must be there."""
        with open(self.path, encoding='utf-8') as f:
            m = re.search(rf'^(?://|#)\s*{key}:\s*(.+?)\s*$', f.read(), re.MULTILINE)
        if not m:
            raise HookError(f'{self.name}: has no line "{key}:"')
        return m[1]

    def reason(self):
        """All of the reason, in one line."""
        with open(self.path, encoding='utf-8') as f:
            m = re.search(r'^(?://|#)\s*reason:(.+?)^(?://|#)\s*expect:', f.read(), re.MULTILINE | re.DOTALL)
        return ' '.join(re.sub(r'^(?://|#)', '', m[1], flags=re.MULTILINE).split())


def by_file(folder, series):
    """{kernel file: its hooks in order}, those of all series and those of this one"""
    paths = {}
    for path in glob.glob(f'{folder}/*.*') + glob.glob(f'{folder}/{series}/*.*'):
        if path.endswith(('.cocci', '.sed')):
            other = paths.setdefault(os.path.basename(path), path)
            if other != path:
                raise HookError(f'{other} and {path}: a hook is in one place only')
    found = {}
    for _, path in sorted(paths.items()):
        hook = Hook(path)
        found.setdefault(hook.file, []).append(hook)
    return found


def run_tool(hook, before, after):
    """Lets spatch or sed make AFTER of BEFORE."""
    if hook.path.endswith('.sed'):
        with open(after, 'wb') as out:
            done = subprocess.run(['sed', '-E', '-f', hook.path, before], stdout=out, stderr=subprocess.PIPE)
    else:
        # spatch writes no output file when nothing matched
        subprocess.run(['cp', before, after], check=True)
        done = subprocess.run(['spatch', '--very-quiet', '--no-show-diff', '--sp-file', hook.path,
                               before, '-o', after], capture_output=True)
    # spatch's word where it did not even look into the file is no failure of its
    if done.returncode and b'there are no modified files' not in done.stderr:
        raise HookError(f'{hook.name}: {done.args[0]} failed on {hook.file}:\n'
                        + done.stderr.decode(errors='replace').strip())


def count(before, after):
    """Lines added and removed, as diff counts them, like +2 -1."""
    diff = subprocess.run(['diff', before, after], capture_output=True)
    lines = diff.stdout.split(b'\n')
    added, removed = (sum(line.startswith(sign) for line in lines) for sign in (b'>', b'<'))
    return f'+{added} -{removed}'


def apply(hook, before, after):
    """Makes AFTER of BEFORE, and counts."""
    run_tool(hook, before, after)
    got = count(before, after)
    if got not in hook.expect:
        raise Incomplete(hook, got)


def apply_all(hooks, pristine):
    """The content that the hooks make of a pristine file."""
    with tempfile.TemporaryDirectory() as folder:
        # keep the name's ending: spatch goes by it
        ending = os.path.splitext(pristine)[1]
        before = pristine
        for i, hook in enumerate(hooks):
            after = f'{folder}/{i}{ending}'
            apply(hook, before, after)
            before = after
        with open(before, 'rb') as f:
            return f.read()


def show(hook, pristine):
    """Prints what the hook makes of the file, whatever the count says."""
    with tempfile.TemporaryDirectory() as folder:
        after = folder + '/after' + os.path.splitext(pristine)[1]
        run_tool(hook, pristine, after)
        subprocess.run(['diff', '-up', '--label', hook.file, '--label', hook.name, pristine, after], check=False)


def main():
    parser = argparse.ArgumentParser(description='Tries hooks on a kernel tree, each by itself.')
    parser.add_argument('--diff', action='store_true', help='show what each makes of its file')
    parser.add_argument('--tree', required=True, help='the pristine kernel tree')
    parser.add_argument('hooks', metavar='HOOK', nargs='+')
    args = parser.parse_args()
    try:
        for hook in map(Hook, args.hooks):
            pristine = f'{args.tree}/{hook.file}'
            if args.diff:
                show(hook, pristine)
            apply_all([hook], pristine)
            print(f'{hook.name}: {hook.file} {" or ".join(hook.expect)}', flush=True)
    except (HookError, OSError) as e:
        sys.exit(f'run: {e}')


if __name__ == '__main__':
    main()
