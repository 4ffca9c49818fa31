#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Checks a page of kernel documentation without Sphinx.

usage: rst.py STOCK OURS FILE

Fails on anything docutils complains about, in the page or in what kernel-doc
makes for its kernel-doc directives, on a directive or an identifier that yields
nothing, and on a function, file or option named in the text that the tree OURS
does not have.
"""
import os
import re
import subprocess
import sys

from docutils import nodes
from docutils.core import publish_doctree
from docutils.parsers.rst import Directive, directives, roles
from docutils.statemachine import StringList

STOCK, OURS, PAGE = sys.argv[1:]
KERNEL_DOC = f'{STOCK}/scripts/kernel-doc'
# the one in Perl writes for a version of Sphinx
with open(KERNEL_DOC, encoding='utf-8') as script:
    SPHINX = ['-sphinx-version', '5.3.0'] if 'sphinx-version' in script.read() else []
problems = []


class Nested(Directive):
    """One of Sphinx's C domain: only its content matters here."""
    has_content = True
    optional_arguments = 1
    final_argument_whitespace = True

    def run(self):
        node = nodes.container()
        self.state.nested_parse(self.content, self.content_offset, node)
        return [node]


class KernelDoc(Directive):
    """Runs kernel-doc as Documentation/sphinx/kerneldoc.py does."""
    required_arguments = 1
    option_spec = {'identifiers': directives.unchanged}

    def text(self, *options):
        source = f'{OURS}/{self.arguments[0]}'
        if not os.path.exists(source):
            problems.append(f'no file {self.arguments[0]}')
            return ''
        command = [KERNEL_DOC, '-rst', *SPHINX, *options, source]
        done = subprocess.run(command, capture_output=True, text=True)
        problems.extend(done.stderr.splitlines())
        return done.stdout

    def run(self):
        names = self.options.get('identifiers', '').split()
        texts = {name: self.text('-function', name) for name in names} or {'all': self.text()}
        problems.extend(f'{self.arguments[0]}: kernel-doc finds no {n}' for n, t in texts.items() if not t.strip())
        node = nodes.section()
        lines = '\n'.join(texts.values()).expandtabs(8).splitlines()
        self.state.nested_parse(StringList(lines, self.arguments[0]), 0, node, match_titles=1)
        return [node]


class Stream:
    """Docutils' complaints."""

    def write(self, text):
        problems.extend(text.strip().splitlines())


def generic_role(role, rawtext, text, lineno, inliner, options=None, content=None):
    return [nodes.literal(rawtext, text)], []


def exists(pattern, *where):
    """Is there a line in the tree that matches?"""
    paths = [f'{OURS}/{w}' for w in where]
    return subprocess.run(['grep', '-rqE', '--include=*.[chS]', '--include=Kconfig*', '--include=*.rst',
                           '--', pattern, *paths]).returncode == 0


def check_names(text):
    """What the prose mentions must be there."""
    code = ('kernel/events', 'kernel/cpu.c', 'include', 'arch/x86', 'arch/arm64', 'arch/arm', 'lib')
    for name in sorted(set(re.findall(r'\b([a-z_][a-z0-9_]{4,})\(\)', text))):
        if not exists(rf'\b{name}\b', *code):
            problems.append(f'{name}() is nowhere in the kernel')
    for path in sorted(set(re.findall(r'\b((?:Documentation|kernel|include|arch)/[\w./-]+\.(?:rst|[ch]))\b', text))):
        if not os.path.exists(f'{OURS}/{path}') and 'former' not in text.split(path)[0][-40:]:
            problems.append(f'no file {path}')
    for name in sorted(set(re.findall(r'\b(?:CONFIG_)?(HAVE_HW_\w+|HW_BREAKPOINT_\w*TEST|HAVE_MIXED_\w+)', text))):
        if not exists(rf'config {name}$', 'arch/Kconfig', 'kernel/events', 'lib/Kconfig.debug'):
            problems.append(f'no option {name}')


def main():
    directives.register_directive('kernel-doc', KernelDoc)
    for name in ('function', 'struct', 'enum', 'union', 'type', 'macro', 'namespace-push', 'namespace-pop',
                 'member', 'enumerator'):
        directives.register_directive(f'c:{name}', Nested)
    for name in ('c:func', 'c:type', 'c:expr', 'ref'):
        roles.register_local_role(name, generic_role)
    with open(PAGE, encoding='utf-8') as f:
        text = f.read()
    publish_doctree(text, source_path=PAGE, settings_overrides={
        'report_level': 2, 'halt_level': 5, 'warning_stream': Stream(), 'file_insertion_enabled': False})
    check_names(text)
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == '__main__':
    sys.exit(main())
