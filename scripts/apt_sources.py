#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Prints deb822 sources for the private apt, taken from the machine's own.

usage: apt_sources.py CODENAME RELEASE [SUITE...]

The archive that the machine uses for its own CODENAME is asked for RELEASE, its updates
and backports, and for each SUITE; a security archive is used when the machine has one.
"""
import glob
import re
import sys


def one_line(text):
    """Entries of a sources.list: deb [options] uri suite component..."""
    for line in text.splitlines():
        m = re.match(r'\s*deb\s+(?:\[([^]]*)\]\s+)?(\S+)\s+(\S+)\s+(.+)', line.split('#')[0])
        if not m:
            continue
        entry = {'URIs': m[2], 'Suites': m[3], 'Components': m[4]}
        for option in (m[1] or '').split():
            key, _, value = option.partition('=')
            if key.lower() == 'signed-by':
                entry['Signed-By'] = value
            elif key.lower() == 'trusted':
                entry['Trusted'] = value
        yield entry


def deb822(text):
    """Entries of a .sources file."""
    for stanza in re.split(r'\n\s*\n', text):
        fields, key = {}, None
        for line in stanza.splitlines():
            if line.startswith('#'):
                continue
            m = re.match(r'([A-Za-z-]+):\s*(.*)', line)
            if m:
                key = m[1].lower()
                fields[key] = m[2]
            elif key:
                fields[key] += '\n' + line
        if 'deb' in fields.get('types', '').split() and fields.get('enabled', 'yes') != 'no':
            names = ('URIs', 'Suites', 'Components', 'Signed-By', 'Trusted')
            yield {n: fields[n.lower()] for n in names if n.lower() in fields}


def entries(etc):
    """All binary package entries of the machine."""
    for path in [etc + '/sources.list'] + sorted(glob.glob(etc + '/sources.list.d/*')):
        try:
            text = open(path, errors='replace').read()
        except OSError:
            continue
        if path.endswith('.list'):
            yield from one_line(text)
        elif path.endswith('.sources'):
            yield from deb822(text)


def stanza(entry, suites):
    """One deb822 stanza for these suites of the entry's archive."""
    fields = dict(entry, Types='deb', Suites=' '.join(suites), Components='main')
    fields['URIs'] = entry['URIs'].split()[0]
    return '\n'.join(f'{k}: {v}' for k, v in fields.items()) + '\n'


def main():
    codename, release, more = sys.argv[1], sys.argv[2], sys.argv[3:]
    etc = '/etc/apt'
    found = [e for e in entries(etc) if 'main' in e.get('Components', '').split()]
    wanted = (codename, 'stable', 'testing')
    main_archive = next((e for e in found if any(s in wanted for s in e['Suites'].split())), None)
    if not main_archive:
        sys.exit(f'apt_sources: no archive for {codename} in {etc}: '
                 'add the line for Debian main to sources.list and run again')
    print(stanza(main_archive, [release, release + '-updates', release + '-backports', *more]))
    for e in found:
        if codename + '-security' in e['Suites'].split():
            print(stanza(e, [release + '-security']))
            break


if __name__ == '__main__':
    main()
