#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The guest's side of kdb.py: does what is to be seen, and stops itself after each part.
cd "$(dirname "$0")" || exit 1
stop() { echo g >/proc/sysrq-trigger; }

./kgdb_touch rounds 5
stop
./kgdb_touch in-turn writes 5
stop
./kgdb_touch rounds 1
stop
./kgdb_touch rounds 1
stop
