# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2153 # ROOT and the like are variables of the stage
#
# A part of scripts/stages/storage: what is in the place of the directories of
# applications is none of theirs. They start without, and others with their own.

# Names of applications, and what is in the place of their directories.
TAMPERED=(victim linked dangling plain foreign fresh last)

tampered() {
	local ROOT=$BUILD/guest/storage-tampered name
	drill_root arm "$ROOT" >&2
	for name in "${TAMPERED[@]}"; do
		drill_image arm "$name" 1 "$ROOT/updates/$name.img" '{"MutableStorage": {"SizeKB": 8}}' "keep $name" >&2
	done
	tampered_scripts
	drill_boot storage-tampered "$(drill_script tampered)" >&2
	all_are_safe 'installed'
	tampered_alone
	drill_boot_again storage-tampered-again "$(drill_script again)" >&2
	all_are_safe 'after the next boot'
	drill_boot_again storage-tampered-apps "$(drill_script apps)" >&2
	tampered_apps
}

# Only the manager can reach the directories.
tampered_scripts() {
	local name
	{
		ctl install /updates/victim.img
		drill tamper link /data/apps/linked /data/apps/victim
		drill tamper link /data/apps/dangling ../../run/nothing
		drill tamper file /data/apps/plain
		drill tamper directory /data/apps/foreign 1001
		drill tamper directory /data/apps/fresh 0
		for name in "${TAMPERED[@]:1}"; do
			ctl install "/updates/$name.img"
		done
		ctl stop victim
		ctl start victim
		ctl apps
	} >"$ROOT/tampered"
	{
		ctl apps
		drill tamper owner /data/apps 1001
	} >"$ROOT/again"
	ctl apps >"$ROOT/apps"
}

all_are_safe() {
	local when=$1 without='it starts without its storage'
	says "$when, a link is not followed" "[init] linked: $without: /data/apps/linked is no directory"
	says "$when, a link to nothing neither" "[init] dangling: $without: /data/apps/dangling is no directory"
	says "$when, a file is no storage" "[init] plain: $without: /data/apps/plain is no directory"
	says "$when, the directory of another user is none of this one's" "[init] foreign: $without: /data/apps/foreign belongs to user 1001"
	check "$NAME: $when, they cannot keep anything" cannot_keep linked dangling plain foreign
	check "$NAME: $when, others keep what is theirs" has_its_own victim fresh last
	does 1 0 apps 'last                 version 1, in mtd' "$when, they are there"
	check "$NAME: $when, all run" all_run
}

# Not even its own file, which would be somewhere.
cannot_keep() {
	local name
	for name; do
		grep "^drill: $name cannot keep anything: EROFS" "$LOG" || return 1
		grep "^drill: $name has nothing else" "$LOG" || return 1
		! grep "^drill: $name has [^n]" "$LOG" || return 1
	done
}

has_its_own() {
	local name
	for name; do
		grep "^drill: $name has $name\$" "$LOG" || return 1
		! grep "^drill: $name cannot keep" "$LOG" || return 1
		! grep "^drill: $name has " "$LOG" | grep -vE "has ($name|nothing else)\$" || return 1
	done
}

all_run() {
	local name
	for name in "${TAMPERED[@]}"; do
		grep -E "^$name +version 1, in mtd.*: runs as process" "$LOG" || return 1
	done
}

# The one whose directory everything was to lead to has not got anything.
tampered_alone() {
	does 1 0 'start victim' 'victim has nothing else' 'whom a link leads to sees nothing of that'
}

# Whoever has all directories could put others in their place.
tampered_apps() {
	local name
	for name in victim last; do
		says "the directory of all is an application's: $name has none" \
			"[init] $name: it starts without its storage: /data/apps belongs to user 1001"
	done
	check "$NAME: the directory of all is an application's: all run" all_run
}
