#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# verify.sh [--ends] MODEL [-DNAME...]: have spin search all states of MODEL.pml.
#
# --ends looks for a way to go on for ever, under weak fairness, instead of for
# assertions that do not hold and states with no way on.
#
# Prints what spin's verifier found, and what of the model was never reached.
# Status 0: nothing is wrong; 1: something is; 2: it cannot be said.
set -eu
model=$(cd "$(dirname "$0")" && pwd)

compile=-DSAFETY search=
if [ "${1:-}" = --ends ]; then
	shift
	compile='-DNP -DNFAIR=3' search='-l -f'
fi
model=$model/$1.pml
shift
[ -z "$search" ] || set -- -DHOLDS_ON "$@"

out=$(mktemp -d "${TMPDIR:-/tmp}/hwb-model.XXXXXX")
trap 'rm -rf "$out"' EXIT
trap 'exit 2' INT TERM HUP
cd "$out"

# the C code is spin's own
# shellcheck disable=SC2086 # words are options
{
	spin -a "$@" "$model" &&
	gcc -O1 -w $compile -DCOLLAPSE -DMEMLIM=3000 -o pan pan.c
} >log 2>&1 || { cat log; exit 2; }

# it says in words what its status does not; -m is the longest run of steps
# shellcheck disable=SC2086
./pan $search -m20000 >log 2>&1 || :
grep -v -e '^Depth=' -e '^$' log
! grep -q 'errors: [1-9]' log || exit 1
! grep -q -e 'not completed' -e 'search depth too small' log || exit 2
grep -q 'errors: 0$' log || exit 2
