# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# A part of scripts/stages/manage: a device that has no room to remember anything.
# Slots that are all taken, and images that are too large, are in the stage itself.

full() {
	drill_root arm "$ROOT" >&2
	drill_image arm good 1 "$UPDATES/good-1.img" "$STORAGE" >&2
	drill_image arm good 2 "$UPDATES/good-2.img" "$STORAGE" >&2
	drill_image arm late 1 "$UPDATES/late.img" >&2
	full_script >"$ROOT/full"
	full_script_again >"$ROOT/full-again"
	drill_boot manage-full "$(drill_script full)" >&2
	full_first
	drill_boot_again manage-full-again "$(drill_script full-again)" >&2
	full_again
}

full_script() {
	ctl install /updates/good-1.img
	drill tamper fill /data/junk
	ctl install /updates/late.img
	ctl install /updates/good-2.img
	ctl keys trust 3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c
	ctl keys
	ctl apps
	ctl stop good
	ctl start good
}

full_script_again() {
	ctl apps
	drill tamper delete /data/junk
	ctl install /updates/late.img
	ctl install /updates/good-2.img
	ctl apps
}

full_first() {
	runs 1 0 '/bin/sphere-drill tamper fill /data/junk' '' 'the storage is filled'
	does 1 1 'install /updates/late.img' 'sphere-ctl: it cannot be remembered: cannot ' 'an application that cannot be remembered is refused'
	does 1 1 'install /updates/late.img' ': ENOSPC (No space left on device)' 'the answer says why'
	does 1 1 'install /updates/good-2.img' 'sphere-ctl: it cannot be remembered: cannot ' 'so is a new version'
	does 1 1 'keys trust 3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c' "sphere-ctl: the owner's keys: cannot " 'and a key'
	lacks 1 0 keys '3d4017c3' 'that key is not trusted'
	does 1 0 apps 'good                 version 1, in mtd2, user 1001: runs as process' 'the old version goes on'
	lacks 1 0 apps 'late ' 'the other is not there'
	does 1 0 'start good' '' 'what is remembered is started'
}

full_again() {
	does 1 0 apps 'good                 version 1, in mtd2, user 1001: runs as process' 'it starts after the next boot in full flash'
	check "$NAME: nothing half done is left out then" grep -c '1 application images are in order' "$LOG"
	does 1 0 'install /updates/late.img' 'late: version 1 is installed' 'as soon as there is room, an application is installed'
	does 1 0 'install /updates/good-2.img' 'good: version 2 is installed' 'and a new version'
	does 2 0 apps 'late                 version 1, in mtd3, user 1002: runs as process' 'both run'
}
