# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
# TAP for the checks: check WHAT COMMAND... prints ok or not ok; finish ends with the right status.

number=0 bad=0

check() {
	what=$1
	shift
	number=$((number + 1))
	if output=$("$@" 2>&1); then
		echo "ok $number - $what"
	else
		bad=$((bad + 1))
		echo "not ok $number - $what"
		printf '%s\n' "$output" | head -n 60 | sed 's/^/# /'
	fi
}

finish() {
	echo "1..$number"
	[ "$bad" -eq 0 ]
	exit
}
