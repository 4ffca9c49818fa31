# SPDX-License-Identifier: GPL-2.0
# growth.awk DOCUMENT LOG: does the document's table say what growth has counted?
#
# Both were made by a compiler, and say by which gcc. If it is the same, figures may differ by
# as many steps as growth lets them, or else by 15 in a hundred: code is arranged otherwise.

function fail(text)
{
	print "# the design document, " text
	bad = 1
}

function differ(where, said, is,	most)
{
	most = compiler == documented ? 2 : 2 + 0.15 * is
	if (said - is > most || is - said > most)
		fail(where ": " said ", counted " is)
}

# The table: what is between lines of "=" after this one
FNR == NR && /by gcc [0-9]/ && !documented {
	documented = $0
	sub(/.*by gcc /, "", documented)
	sub(/[^0-9].*/, "", documented)
}
FNR == NR && /^operation +free +bound +on two +mixed/ { inside = 1; next }
FNR == NR && inside && /^=/ { if (++rules == 2) inside = 0; next }
FNR == NR {
	if (inside && rules == 1) {
		name = $0
		sub(/  .*/, "", name)
		line = $0
		sub(/^.*[a-z]  +/, "", line)
		split(line, said, / +/)
		for (i = 1; i <= 6; i++)
			table[name, i] = said[i]
		names[name] = 1
	}
	next
}

$1 == "#" && $2 == "gcc" { compiler = $3 }

# "# OPERATION KIND STEPS... OFF LOCKED"; what it costs on the first machine is what it costs
$1 == "#" && match($0, / (free|bound|on two|mixed) +[0-9]/) {
	name = substr($0, 3, RSTART - 3)
	sub(/ +$/, "", name)
	kind = substr($0, RSTART + 1)
	kind = kind ~ /^free/ ? 1 : kind ~ /^bound/ ? 2 : kind ~ /^on two/ ? 3 : 4
	n = split(substr($0, RSTART + 8), f, / +/)
	if (!((name, 1) in table))
		next
	differ(name ", column " kind, table[name, kind], f[1] == "" ? f[2] : f[1])
	off[name] = f[n - 1] > off[name] ? f[n - 1] : off[name]
	locked[name] = f[n] > locked[name] ? f[n] : locked[name]
	seen[name]++
}

END {
	for (name in names) {
		if (seen[name] != 4)
			fail(name ": counted for " seen[name] + 0 " kinds, not for 4")
		differ(name ", interrupts off", table[name, 5], off[name])
		differ(name ", with the lock", table[name, 6], locked[name])
		rows++
	}
	if (rows < 7 || !documented || !compiler)
		fail("no table, or nothing counted")
	exit bad
}
