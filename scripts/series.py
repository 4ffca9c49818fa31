# SPDX-License-Identifier: GPL-2.0
"""Which series of kernels a tree belongs to: its hooks and headers are looked up by that.

The sources here serve several series. What only one of them needs lies in
hooks/SERIES/ and series/SERIES/.
"""
import re

# The first version of each, and the first that is no longer of it
SERIES = {'6.12': ((6, 12), (6, 13)), '7.x': ((7, 2), (8, 0))}


class TreeError(Exception):
    """A folder that is no kernel tree, or none of a series."""


def version(tree):
    """What the kernel's Makefile says, like (7, 3, 4)."""
    try:
        with open(f'{tree}/Makefile', encoding='utf-8', errors='replace') as f:
            said = dict(re.findall(r'^(VERSION|PATCHLEVEL|SUBLEVEL) *= *(\d+)$', f.read(), re.MULTILINE))
        return tuple(int(said[key]) for key in ('VERSION', 'PATCHLEVEL', 'SUBLEVEL'))
    except (OSError, KeyError) as e:
        raise TreeError(f'{tree} is no kernel tree: it has no Makefile that says a version') from e


def of(tree):
    """The name of the tree's series."""
    found = version(tree)
    for name, (first, end) in SERIES.items():
        if first <= found[:2] < end:
            return name
    raise TreeError(f'{tree} is Linux {".".join(map(str, found))}; there are hooks for 6.12 and for 7.2 and later')
