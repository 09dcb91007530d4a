# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# How a stage of the tests reports: one line a test on its standard output, with
# result (pass, fail, skip), name and detail between tabs. Sourced after lib.sh.

# result OUTCOME NAME [DETAIL]
result() {
	printf '%s\t%s\t%s\n' "$1" "$2" "$(tr '\n\t' '| ' <<<"${3:-}" | sed 's/|*$//' | cut -c 1-600)"
}

# check NAME COMMAND...: one test, passed when the command succeeds.
check() {
	local name=$1 log
	shift
	log=$LOGS/check-${name//[^a-zA-Z0-9._-]/_}.log
	mkdir -p "$LOGS"
	if "$@" >"$log" 2>&1 </dev/null; then
		result pass "$name"
	else
		result fail "$name" "$(grep -m 8 . "$log") (${log#"$TOP/"})"
	fi
}

# says WHAT TEXT: one test of the stage NAME, passed when a line with the text is in
# the file LOG.
# shellcheck disable=SC2153 # both are variables of the stage
says() {
	if grep -qF -- "$2" "$LOG"; then
		result pass "$NAME: $1"
	else
		result fail "$NAME: $1" "no line has: $2"
	fi
}
