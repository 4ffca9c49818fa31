#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Unmodified clients of Debian, one after another, each with KTAP of its own.
# usage: all.sh CLIENTS SYMBOL=ADDRESS...; CLIENTS are words such as "gdb perf", of which
# gdb-more has other cases
clients=$1
shift
for c; do export "${c?}"; done
for c in $clients; do
	timeout -k 10 600 bash "./${c%-*}.sh" "$c"
done
