# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034 # those who source it use the variables
#
# What all scripts share: where things lie, how they speak, how they fail.
# Sourced, never run:
#
#	. "$(dirname "$0")/lib.sh"

set -euo pipefail

TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
BUILD=$TOP/build			# everything that is built
LINUX=$BUILD/linux			# the kernel source with Sphere in it
LOGS=$BUILD/log
# What costs a download or minutes to make, and outlives a clone.
CACHE=${SPHERE_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/sphere}
DL=$CACHE/dl

KERNEL_VERSION=7.3			# the release that patches/ is made for
BINDGEN_VERSION=0.73.0
MIN_LLVM=19
MIN_RUST=1.85

# A login shell has rustup's programs in its path, sudo and cron do not.
if [ -d "${CARGO_HOME:-${HOME:-/root}/.cargo}/bin" ]; then
	PATH=$PATH:${CARGO_HOME:-${HOME:-/root}/.cargo}/bin
fi
# Debian keeps mkfs and kin out of an ordinary user's path.
PATH=$PATH:/usr/sbin:/sbin
export PATH

# One locale: messages are parsed, and file lists must sort alike everywhere.
export LC_ALL=C.UTF-8

say() {
	printf '==> %s\n' "$*"
}

note() {
	printf '    %s\n' "$*"
}

warn() {
	printf 'warning: %s\n' "$*" >&2
}

# One line that says what is wrong and what to do about it.
DIED=99
die() {
	printf 'error: %s\n' "$*" >&2
	exit "$DIED"
}

# What fails without having said so is a fault of the scripts: name the place.
unexpected() {
	local status=$?
	if [ "$status" != "$DIED" ] && [ "$BASH_SUBSHELL" = 0 ]; then
		printf 'error: %s:%s: "%s" failed (%s): please report this\n' "$0" "$1" "${2%%$'\n'*}" "$status" >&2
	fi
	exit "$status"
}
set -E
trap 'unexpected "$LINENO" "$BASH_COMMAND"' ERR

have() {
	command -v "$1" >/dev/null 2>&1
}

# need PROGRAM...: stops with the way out when one is not there.
need() {
	local program
	for program; do
		have "$program" || die "$program is not installed: run 'make setup' first"
	done
}

# version_ge A B: is version A at least B?
version_ge() {
	[ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]
}

# logged NAME COMMAND...: runs with the output in build/log/NAME.log; when it
# fails, shows where it failed and the path of the whole log.
logged() {
	local log=$LOGS/$1.log
	shift
	mkdir -p "$LOGS"
	if "$@" >"$log" 2>&1 </dev/null; then
		return 0
	fi
	show_errors "$log" >&2
	return 1
}

# show_errors LOG: the first errors that a build log names, or its end.
show_errors() {
	printf -- '--- %s ---\n' "$1"
	grep -nE -A 6 '(^|[^a-z_])(fatal )?error(\[E[0-9]+\])?:|^E: |Error [0-9]+$' "$1" | head -n 40 || tail -n 20 "$1"
	printf -- '--- the whole log: %s ---\n' "$1"
}

# one_at_a_time NAME: until this program ends, others that say the same wait here.
one_at_a_time() {
	local lock
	mkdir -p "$BUILD"
	exec {lock}>"$BUILD/.$1.lock"
	flock "$lock"
}

# background COMMAND...: as "COMMAND &". The shell would have it ignore that somebody
# interrupts this script: in a process group of its own, it is ended then.
background() {
	trap 'stop_background; exit 130' INT TERM
	set -m
	"$@" &
	set +m
}

stop_background() {
	local group
	for group in $(jobs -pr); do
		kill -- "-$group" 2>/dev/null || true
	done
}

# until_fewer_than COUNT: waits until fewer background jobs of this shell run.
until_fewer_than() {
	while [ "$(jobs -pr | wc -l)" -ge "$1" ]; do
		wait -n || true
	done
}

# A stamp records that a step is done, and for which inputs: a key, one line.
stamp_is() {
	[ -f "$1" ] && [ "$(cat "$1")" = "$2" ]
}

stamp_set() {
	mkdir -p "$(dirname "$1")"
	printf '%s\n' "$2" >"$1.new"
	mv "$1.new" "$1"
}

# elapsed SECONDS_AT_START: "3 min 07 s"
elapsed() {
	local s=$((SECONDS - $1))
	if [ "$s" -ge 60 ]; then
		printf '%d min %02d s' $((s / 60)) $((s % 60))
	else
		printf '%d s' "$s"
	fi
}

sha256() {
	sha256sum "$1" | cut -d ' ' -f 1
}
