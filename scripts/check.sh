# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# For tests that print a line of TAP for each command. Sourced after lib.sh;
# makes the directory T, which is removed at the end. SUBJECT is what is tested.

T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
COUNT=0
FAILED=0

# check NAME COMMAND...
check() {
	local name=$1
	shift
	COUNT=$((COUNT + 1))
	if "$@" >"$T/log" 2>&1; then
		echo "ok $COUNT - $SUBJECT: $name"
	else
		FAILED=$((FAILED + 1))
		sed 's/^/# /' "$T/log"
		echo "not ok $COUNT - $SUBJECT: $name"
	fi
}
