# SPDX-License-Identifier: GPL-2.0
"""Finds where a text that goes into the kernel names a file that does not go there.

The kernel has no ./run, no hooks/ and none of our scripts/: who reads of them there finds
nothing. A file or folder is named by its path from the checkout's top, with shell patterns
in it or without, or by its name alone where nothing that goes into the kernel is called so.
"""
import fnmatch
import os
import re

WORD = re.compile(r'(?<![\w./*-])\.?/?\w[\w.*/-]*')


def parents(paths):
    """All folders that these are in."""
    return {'/'.join(parts[:n]) for parts in (p.split('/') for p in paths) for n in range(1, len(parts))}


def names(paths):
    """Their own names, where one cannot be an English word."""
    return {os.path.basename(p) for p in paths if '.' in os.path.basename(p)}


class Mentions:
    """FILES are all of a checkout, and KERNEL those that go into the kernel, at their paths there."""

    def __init__(self, files, kernel):
        kernel = set(kernel)
        own = set(files) - kernel
        self.own = own | parents(own) - parents(kernel)
        self.names = names(own) - names(kernel)

    def stays(self, word):
        """Is it in the checkout only?"""
        path = word.rstrip('./')
        if '/' not in word and '.' not in path:
            return False
        path = path.removeprefix('./')
        return (path in self.own or os.path.basename(path) in self.names or
                '*' in path and bool(fnmatch.filter(self.own, path)))

    def find(self, text):
        """(line, word) of each."""
        for number, line in enumerate(text.split('\n'), 1):
            yield from ((number, word.rstrip('.')) for word in WORD.findall(line) if self.stays(word))
