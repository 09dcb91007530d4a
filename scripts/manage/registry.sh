# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# A part of scripts/stages/manage: what a device remembers of its applications is
# damaged. None starts until somebody has said what is to be done.

REGISTRY=/data/sphere/registry

registry() {
	drill_root arm "$ROOT" >&2
	registry_images >&2
	registry_scripts
	drill_boot manage-registry "$(drill_script prepare)" >&2
	registry_in_order
	registry_is flip 'line [0-9]*: ' 'a bit is another'
	registry_lost
	registry_again reset
	registry_reset
	registry_again after
	registry_after
	registry_is cut 'line [0-9]*: ' 'a half is missing'
	registry_is empty 'line 1: the end is missing' 'it is empty'
	registry_is delete 'it is gone, and what applications have stored is there' 'it is gone'
	storage_is_garbage
}

registry_images() {
	drill_image arm keeper 1 "$UPDATES/keeper-1.img" "$STORAGE" 'keep first'
	drill_image arm keeper 2 "$UPDATES/keeper-2.img" "$STORAGE" 'keep second'
	drill_image arm gone 1 "$UPDATES/gone-1.img" "$STORAGE" 'keep gone'
	drill_image arm gone 2 "$UPDATES/gone-2.img" "$STORAGE" 'keep gone'
	drill_image arm plain 1 "$UPDATES/plain.img"
	# Two components with one name.
	drill_image arm twin 1 "$UPDATES/twin.img" "$STORAGE" 'keep elder'
	DRILL_SEED=other drill_image arm twin 1 "$UPDATES/other-twin.img" "$STORAGE" 'keep younger'
}

# One for each boot. Where something is damaged, that is the last thing that happens.
registry_scripts() {
	local how
	{
		ctl install /updates/plain.img
		ctl install /updates/keeper-1.img
		ctl install /updates/keeper-2.img
		ctl install /updates/gone-2.img
		ctl remove gone
		ctl install /updates/twin.img
		ctl remove twin
		ctl install /updates/other-twin.img
		ctl apps
		ctl reset-registry
		ctl reset-registry --forget-versions
		drill tamper flip $REGISTRY
	} >"$ROOT/prepare"
	for how in cut empty delete; do
		{
			ctl apps
			ctl install /updates/keeper-1.img
			ctl start keeper
			drill ask admit 2
			drill ask admit 4
		} >"$ROOT/$how"
	done
	cp "$ROOT/cut" "$ROOT/flip"
	{
		ctl reset-registry
		ctl apps
		echo 'nobody /bin/sphere-ctl reset-registry --forget-versions'
		ctl reset-registry --forget-versions
		ctl apps
		ctl install /updates/keeper-1.img
		ctl reset-registry --forget-versions
	} >"$ROOT/reset"
	{
		ctl apps
		ctl install /updates/gone-1.img
		ctl apps
	} >"$ROOT/after"
	for how in cut empty delete; do
		drill tamper $how $REGISTRY >"$ROOT/do-$how"
	done
	{
		ctl apps
		ctl reset-registry --forget-versions
	} >"$ROOT/garbage"
}

# registry_again SCRIPT
registry_again() {
	drill_boot_again "manage-registry-$1" "$(drill_script "$1")" >&2
}

registry_in_order() {
	does 1 0 apps 'keeper               version 2, in mtd4, user 1002: runs' 'an application is known'
	does 1 0 apps 'twin                 version 1, in mtd3, user 1005: runs' 'so is one whose name another had before'
	does 1 2 reset-registry 'nothing is reset yet' 'resetting has to be meant'
	does 1 1 'reset-registry --forget-versions' 'sphere-ctl: the registry is in order, and stays as it is' 'a registry that is in order is not reset'
}

# registry_is HOW REASON WHAT: damaged, no application starts.
registry_is() {
	if [ "$1" != flip ]; then
		registry_again "do-$1"
	fi
	registry_again "$1"
	check "$NAME: the registry, $3: the console says so" grep "^\[init\] $REGISTRY: $2.*no application starts" "$LOG"
	check "$NAME: the registry, $3: no application starts" no_application_starts
	does 1 1 'install /updates/keeper-1.img' "sphere-ctl: $REGISTRY: " "the registry, $3: nothing is installed"
}

no_application_starts() {
	! grep -E '^\[init\] (keeper|plain|gone) starts' "$LOG" &&
		grep '^\[init\] /bin/sphere-drill starts as a manager' "$LOG" &&
		drill_said 1 0 '/bin/sphere-ctl apps' '' ' version '
}

# Managers can look, and break nothing.
registry_lost() {
	does 1 1 'start keeper' 'there is no application keeper' 'what is not known is not started'
	runs 1 1 '/bin/sphere-drill ask admit 2' 'what is in mtd2 stays' 'what is in a slot stays there'
	runs 1 1 '/bin/sphere-drill ask admit 4' 'what is in mtd4 stays' 'in every slot'
}

# The first new user is the one after all that have storage: gone is 1003, and the first
# twin 1004.
registry_reset() {
	does 1 2 reset-registry 'nothing is reset yet' 'resetting a damaged one has to be meant, too'
	lacks 1 0 apps ' version ' 'until then, nothing runs'
	does_nobody 1 1 'reset-registry --forget-versions' 'only a manager may ask' 'nobody but a manager resets it'
	does 1 0 'reset-registry --forget-versions' '' 'a manager does'
	check "$NAME: the console says so" grep '^\[init\] the registry was made anew' "$LOG"
	does 2 0 apps 'keeper               version 2, in mtd4, user 1002: runs as process' 'who has storage is the same user'
	does 2 0 apps 'plain                version 1, in mtd2, user 1005: runs as process' 'who has none is a new one'
	does 2 0 apps 'twin                 version 1, in mtd3, user 1006: runs as process' 'so is who has only the name of somebody who has'
	check "$NAME: nobody gets what another has stored" grep '^\[init\] twin: it starts without its storage: /data/apps/twin belongs to user 1004' "$LOG"
	check "$NAME: what was stored is there" grep '^drill: second has first' "$LOG"
	does 1 1 'install /updates/keeper-1.img' 'version 2 has run here' 'the version of who is installed is known'
	does 2 1 'reset-registry --forget-versions' 'the registry is in order' 'it is not reset twice'
}

registry_after() {
	does 1 0 apps 'keeper               version 2, in mtd4, user 1002: runs as process' 'it is in order after the next boot'
	does 1 0 apps 'plain                version 1, in mtd2, user 1005: runs as process' 'for all'
	does 1 0 'install /updates/gone-1.img' 'gone: version 1 is installed' 'the version of who was removed is forgotten'
	does 1 0 'install /updates/gone-1.img' 'gone: it starts without its storage: /data/apps/gone belongs to user 1003' 'what it had stored is nobody else'"'"'s'
	does 2 0 apps 'gone                 version 1, in mtd5, user 1007: runs as process' 'it is a new user'
}

# What cannot be mounted may have a registry.
storage_is_garbage() {
	drill_boot_again manage-registry-garbage "$(drill_script garbage)" >&2
	head -c $((4 << 20)) /dev/zero | tr '\0' 'x' | dd of="$ROOT.bank1" conv=notrunc status=none
	drill_on manage-registry-garbage
	check "$NAME: storage that cannot be mounted: the console says so" grep '^\[init\] /data cannot be used: no application starts' "$LOG"
	check "$NAME: storage that cannot be mounted: no application starts" no_application_starts
	does 1 1 'reset-registry --forget-versions' 'sphere-ctl: /data cannot be used, as the console says' 'storage that cannot be mounted: there is no place for a registry'
}
