#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Makes patches for git am of what overlay.py lays over a kernel.

patches/plan.toml says which file and which hook belongs to which patch. The kernel's
tree as it is after each patch is laid by the same hooks as the overlay is: all that are
in the tree by then are applied to the kernel's own file. git compares one with the next.
What the last one has must be what the overlay has.

Only files that some patch touches are in the repository that git gets for it: the patches
are the same, and it takes seconds.
"""
import argparse
import concurrent.futures
import contextlib
import dataclasses
import filecmp
import glob
import io
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import textwrap
import tomllib

import bench
import hook
import mentions
import overlay
import series as kernels

TOP = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
EXPORT = re.compile(r'^EXPORT_(?:PER_CPU_)?SYMBOL\w*\((\w+)', re.MULTILINE)
# in a hook of MAINTAINERS
PATTERN = re.compile(r'^F:\t([^\s\\]+)', re.MULTILINE)
# in a file that is built as a module, or may be
MODULE = re.compile(r'^(?:MODULE_LICENSE|module_exit)\(', re.MULTILINE)


class PlanError(Exception):
    """The plan is wrong, or does not fit what is here; a line for each of its faults."""


def say(message):
    print(f'run: series: {message}', file=sys.stderr, flush=True)


# ---- the plan, and whether it is complete ----

@dataclasses.dataclass
class Patch:
    """One patch, as the plan has it."""
    subject: str
    message: str
    files: list = dataclasses.field(default_factory=list)
    hooks: list = dataclasses.field(default_factory=list)
    begins: list = dataclasses.field(default_factory=list)
    ends: list = dataclasses.field(default_factory=list)


def expand(entry, known):
    """The files that an entry of the plan names."""
    return [f for f in known if f.startswith(entry)] if entry.endswith('/') else [entry]


def assign(patches, kind, known, faults):
    """{file or hook: number of its patch}; what is wrong goes into FAULTS."""
    numbers = {}
    for number, patch in enumerate(patches):
        for entry in getattr(patch, kind):
            names = expand(entry, known)
            if not names or not set(names) <= set(known):
                faults.append(f'{entry}: is in the {kind} of "{patch.subject}", and is not here')
            for name in names:
                if name in numbers:
                    faults.append(f'{name}: is in two patches, '
                                  f'"{patches[numbers[name]].subject}" and "{patch.subject}"')
                numbers.setdefault(name, number)
    return numbers


def all_files(checkout):
    """Our files, of any series, and those that go."""
    ours = {f for name in kernels.SERIES for f in overlay.our_files(checkout, name)}
    return sorted(ours.union(overlay.listed_files(f'{checkout}/hooks/deleted')))


def hook_paths(folder):
    """The hooks of any series below a folder."""
    return sorted({h.path for name in kernels.SERIES
                   for hooks in hook.by_file(folder, name).values() for h in hooks})


def all_hooks(checkout):
    return sorted(map(os.path.basename, hook_paths(f'{checkout}/hooks')))


class Plan:
    """patches/plan.toml of a checkout; it names each file and each hook once."""

    def __init__(self, checkout):
        try:
            with open(f'{checkout}/patches/plan.toml', 'rb') as f:
                read = tomllib.load(f)
            self.cover = Patch(**read['cover'])
            self.patches = [Patch(**p) for p in read['patch']]
            self.exports = read.get('exports', {})
        except (KeyError, TypeError, tomllib.TOMLDecodeError) as e:
            raise PlanError(f'patches/plan.toml: {e}') from e
        faults = []
        interim = sorted(os.path.basename(p) for p in glob.glob(f'{checkout}/patches/interim/*.*'))
        self.files = self.complete('files', all_files(checkout), faults)
        self.hooks = self.complete('hooks', all_hooks(checkout), faults)
        self.begins = self.complete('begins', interim, faults)
        self.ends = self.complete('ends', interim, faults)
        faults += [f'{name}: ends before it begins' for name, end in self.ends.items()
                   if end <= self.begins.get(name, -1)]
        if faults:
            raise PlanError('\n'.join(faults))

    def complete(self, kind, known, faults):
        """As assign(), and what is in no patch is a fault."""
        numbers = assign(self.patches, kind, known, faults)
        faults += [f'{name}: is in the {kind} of no patch' for name in known if name not in numbers]
        return numbers


# ---- what the kernel does not have is not named ----

def texts(checkout, plan):
    """(where, text) of all that goes into the kernel or into a mail about it, of any series."""
    paths = sorted({f for name in kernels.SERIES for f in overlay.our_files(checkout, name).values()})
    for path in paths + hook_paths(f'{checkout}/hooks') + hook_paths(f'{checkout}/patches/interim'):
        yield os.path.relpath(path, checkout), overlay.read(path).decode(errors='replace')
    for patch in (plan.cover, *plan.patches):
        yield f'the message of "{patch.subject}"', patch.message


def check_mentions(checkout, plan):
    """Nothing that goes into the kernel names what stays here."""
    known = mentions.Mentions(overlay.tracked(checkout), all_files(checkout))
    faults = [f'{where}:{line}: names {word}, which is not in the kernel'
              for where, text in texts(checkout, plan) for line, word in known.find(text)]
    if faults:
        raise PlanError('\n'.join(faults))


# ---- somebody looks after each file ----

def looked_after(path, pattern):
    """As get_maintainer.pl has it: all below a folder, or in one."""
    return path.startswith(pattern) if pattern.endswith('/') else pathlib.PurePath('/' + path).match('/' + pattern)


def check_maintainers(checkout):
    """The entry in MAINTAINERS, if there is one, has patterns for all files of ours."""
    entry = [h for name in kernels.SERIES for h in hook.by_file(f'{checkout}/hooks', name).get('MAINTAINERS', [])]
    patterns = [p for h in entry for p in PATTERN.findall(overlay.read(h.path).decode())]
    left = set(all_files(checkout)) - set(overlay.listed_files(f'{checkout}/hooks/deleted'))
    faults = [f'{path}: is in no entry in MAINTAINERS' for path in sorted(left)
              if entry and not any(looked_after(path, p) for p in patterns)]
    if faults:
        raise PlanError('\n'.join(faults))


# ---- the kernel's tree after each patch ----

class Trees:
    """What the files that a kernel's patches touch are after each of them."""

    def __init__(self, plan, stock, checkout):
        self.plan, self.stock = plan, stock
        name = kernels.of(stock)
        collisions = list(overlay.collisions(stock, checkout, name))
        if collisions:
            raise PlanError('\n'.join(collisions))
        self.ours = overlay.our_files(checkout, name)
        self.deleted = overlay.listed_files(f'{checkout}/hooks/deleted')
        self.hooks = hook.by_file(f'{checkout}/hooks', name)
        self.interim = hook.by_file(f'{checkout}/patches/interim', name)
        self.paths = sorted({*self.ours, *self.deleted, *self.hooks})

    def base(self, path, number):
        """What hooks are applied to: our file, the kernel's, or none."""
        if path in self.plan.files and self.plan.files[path] <= number:
            return self.ours.get(path)
        kernel = f'{self.stock}/{path}'
        return kernel if os.path.exists(kernel) else None

    def edits(self, path, number):
        """The hooks that are in a file by then; those that stay first."""
        name = os.path.basename
        return ([h for h in self.hooks.get(path, []) if self.plan.hooks[name(h.path)] <= number] +
                [h for h in self.interim.get(path, [])
                 if self.plan.begins[name(h.path)] <= number < self.plan.ends[name(h.path)]])

    def lay(self, number, tree):
        """Makes TREE, which is as it was before, what it is after that patch."""
        def one(path):
            now = self.base(path, number), self.edits(path, number)
            if now == (self.base(path, number - 1), self.edits(path, number - 1)):
                return
            if now[0]:
                overlay.write(f'{tree}/{path}', hook.apply_all(now[1], now[0]), now[0])
            else:
                overlay.remove(f'{tree}/{path}')

        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            list(pool.map(one, self.paths))

    def begin(self, tree):
        """The kernel's own files."""
        for path in self.paths:
            kernel = f'{self.stock}/{path}'
            if os.path.exists(kernel):
                overlay.write(f'{tree}/{path}', overlay.read(kernel), kernel)

    def compare(self, tree, ours):
        """The last tree has to be the overlay's."""
        for path in self.paths:
            a, b = f'{tree}/{path}', f'{ours}/{path}'
            if os.path.exists(a) != os.path.exists(b) or os.path.exists(a) and not (
                    filecmp.cmp(a, b, shallow=False) and os.access(a, os.X_OK) == os.access(b, os.X_OK)):
                raise PlanError(f'{path}: is not what the overlay makes of it in {ours}')


# ---- the cover letter ----

def new_exports(trees, tree):
    """Symbols that the kernel's files export after the last patch, and did not before."""
    def exported(top):
        files = [f'{top}/{p}' for p in trees.paths if not p.startswith('tools/')]
        return {name for f in files if os.path.exists(f) for name in EXPORT.findall(overlay.read(f).decode())}

    return exported(tree) - exported(trees.stock)


def user_fault(name, user, trees, tree):
    """What is wrong with the user that [exports] has for a symbol: a module has to use it."""
    path, _, used = user.partition(' ')
    where = next((p for p in (f'{tree}/{path}', f'{trees.stock}/{path}') if os.path.isfile(p)), None)
    text = overlay.read(where).decode() if where else ''
    if not path:
        return f'{name}: is exported, and [exports] has no module that uses it'
    if not re.search(rf'\b{used or name}\b', text):
        return f'{name}: {path} does not use it, as [exports] says'
    return None if MODULE.search(text) else f'{name}: {path}, which uses it, is no module'


def check_exports(exports, trees, tree):
    """Each new export is in the plan, and its user is a module that uses it in the last tree."""
    found = new_exports(trees, tree)
    faults = [f'{name}: is exported, and [exports] does not name it'
              for name in sorted(found - set(exports))]
    faults += [f'{name}: is in [exports], and is no new export'
               for name in sorted(set(exports) - found)]
    faults += filter(None, (user_fault(name, exports[name], trees, tree) for name in exports))
    if faults:
        raise PlanError('\n'.join(faults))


def exports_text(exports):
    if exports:
        yield 'New exports, and what module in the tree uses each:\n'
        for name, user in exports.items():
            path, _, used = user.partition(' ')
            yield f'  {name}\n      {path}{f", by {used}()" if used else ""}'
        yield ''


def hooks_text(plan, trees):
    yield "What is edited of others' files, in which patch, and why:\n"
    for path, hooks in sorted(trees.hooks.items()):
        yield f'  {path}'
        for each in hooks:
            number = plan.hooks[os.path.basename(each.path)] + 1
            yield textwrap.fill(f'{number}: {each.reason()}', 72, initial_indent='    - ',
                                subsequent_indent='      ', break_on_hyphens=False)
    yield ''


def bench_text(path):
    """The tables of ./run bench, if it has run."""
    if not os.path.exists(path):
        return 'It has not been measured for this series.\n'
    with open(path, encoding='utf-8') as f:
        rows = json.load(f)
    with contextlib.redirect_stdout(io.StringIO()) as text:
        bench.print_table(rows)
        bench.print_summary(rows)
    return text.getvalue()


def cover_text(plan, trees, figures):
    version = '.'.join(map(str, kernels.version(trees.stock)))
    return '\n'.join([plan.cover.subject, '', plan.cover.message, f'It applies to Linux {version}.', '',
                      bench_text(figures), *exports_text(plan.exports), *hooks_text(plan, trees)])


# ---- git ----

def identity(checkout):
    """Author and date of the checkout's last commit: the same patches each time."""
    log = subprocess.run(['git', '-C', checkout, '-c', 'safe.directory=*', 'log', '-1', '--format=%an%n%ae%n%aI'],
                         capture_output=True, text=True)
    if log.returncode:
        raise PlanError('the checkout has no commit, whose author and date the patches would have')
    name, mail, date = log.stdout.split('\n')[:3]
    return {f'GIT_{who}_{what}': value for who in ('AUTHOR', 'COMMITTER')
            for what, value in (('NAME', name), ('EMAIL', mail), ('DATE', date))}


class Git:
    """A repository of its own, which no configuration of the user's changes."""

    def __init__(self, folder, checkout):
        self.folder = folder
        self.environment = {**os.environ, **identity(checkout), 'GIT_CONFIG_GLOBAL': '/dev/null',
                            'GIT_CONFIG_NOSYSTEM': '1'}
        for variable in ('GIT_DIR', 'GIT_WORK_TREE', 'GIT_INDEX_FILE'):
            self.environment.pop(variable, None)
        self('init', '-q', '-b', 'series')

    def __call__(self, *words, text=None):
        done = subprocess.run(['git', *words], cwd=self.folder, env=self.environment, input=text,
                              capture_output=True, text=True)
        if done.returncode:
            raise PlanError(f'git {words[0]} failed: {(done.stderr or done.stdout).strip()}')
        return done.stdout

    def commit(self, message, *options):
        self('add', '-A', '-f')
        self('commit', '-q', '-F', '-', *options, text=message)


def write_patches(plan, trees, ours, figures, out):
    """Fills OUT; returns the names of the patches."""
    with tempfile.TemporaryDirectory(prefix='hwb-series.') as folder:
        git = Git(folder, TOP)
        trees.begin(folder)
        git.commit('as it was', '--allow-empty')
        git('tag', 'begin')
        for number, patch in enumerate(plan.patches):
            say(f'{number + 1}/{len(plan.patches)} {patch.subject}')
            trees.lay(number, folder)
            if not git('status', '--porcelain'):
                raise PlanError(f'"{patch.subject}" changes nothing in this kernel')
            git.commit(f'{patch.subject}\n\n{patch.message}')
        trees.compare(folder, ours)
        check_exports(plan.exports, trees, folder)
        git('config', 'branch.series.description', cover_text(plan, trees, figures))
        git('format-patch', '-o', f'{folder}/.git/out', '--cover-letter', '--cover-from-description=subject',
            '--thread=shallow', '--zero-commit', 'begin..series')
        shutil.copytree(f'{folder}/.git/out', out, dirs_exist_ok=True)
    return sorted(os.listdir(out))


# ---- words ----

def empty_folder(path):
    """DIR of the command line: not there yet, or empty."""
    if os.path.exists(path) and not (os.path.isdir(path) and not os.listdir(path)):
        raise argparse.ArgumentTypeError(f'{path} is there and is no empty folder')
    return os.path.abspath(path)


def read_words():
    parser = argparse.ArgumentParser(prog='./run series', description='Patches for git am, and a cover letter.')
    parser.add_argument('--plan', action='store_true',
                        help='only see that the plan and MAINTAINERS have all files, and that no text '
                             'names what stays here')
    parser.add_argument('--trees', nargs=2, metavar=('STOCK', 'OURS'), help="instead of the series' own")
    parser.add_argument('dir', metavar='DIR', nargs='?', type=empty_folder, help='a new or empty folder')
    args = parser.parse_args()
    if args.plan == bool(args.dir):
        parser.error('a folder for the patches is needed: DIR')
    return args


def main():
    args = read_words()
    try:
        plan = Plan(TOP)
        check_mentions(TOP, plan)
        check_maintainers(TOP)
        if args.plan:
            return
        build = os.environ.get('BUILD', f'{TOP}/build')
        stock, ours = args.trees or (f'{build}/stock', f'{build}/ours')
        if not args.trees:
            subprocess.run([f'{TOP}/scripts/source.sh', 'ours'], check=True)
        names = write_patches(plan, Trees(plan, stock, TOP), ours, f'{build}/bench/bench.json', args.dir)
        for name in names:
            print(f'{args.dir}/{name}')
    except subprocess.CalledProcessError:
        sys.exit(1)
    except (PlanError, hook.HookError, kernels.TreeError, OSError) as e:
        sys.exit('\n'.join(f'run: series: {line}' for line in str(e).split('\n')))


if __name__ == '__main__':
    main()
