#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Prints the TCP port that QEMU has chosen for a character device.

usage: qemu_port.py SOCKET DEVICE

SOCKET is QEMU's QMP socket; it is waited for, 30 seconds at most.
"""
import json
import re
import socket
import sys
import time


def connect(path):
    end = time.time() + 30
    while True:
        qmp = socket.socket(socket.AF_UNIX)
        try:
            qmp.connect(path)
            return qmp.makefile('rw')
        except OSError as e:
            if time.time() > end:
                sys.exit(f'run: {path}: {e.strerror}')
            time.sleep(0.1)


def ask(qmp, command):
    """What it returns; events come in between."""
    qmp.write(json.dumps({'execute': command}) + '\n')
    qmp.flush()
    for line in qmp:
        reply = json.loads(line)
        if 'return' in reply:
            return reply['return']
    sys.exit('run: QEMU has ended')


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    qmp = connect(sys.argv[1])
    ask(qmp, 'qmp_capabilities')
    for device in ask(qmp, 'query-chardev'):
        m = re.search(r'tcp:[^:]*:(\d+)', device['filename'])
        if device['label'] == sys.argv[2] and m:
            print(m[1])
            return
    sys.exit(f'run: QEMU has no port for {sys.argv[2]}')


if __name__ == '__main__':
    main()
