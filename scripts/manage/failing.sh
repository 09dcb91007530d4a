# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# A part of scripts/stages/manage: applications that are in order as far as anybody
# can see before they are started, and then do not live.

failing() {
	drill_root arm "$ROOT" >&2
	failing_images >&2
	failing_script >"$ROOT/failing"
	ctl apps >"$ROOT/failing-again"
	drill_boot manage-failing "$(drill_script failing)" >&2
	failing_first
	drill_boot_again manage-failing-again "$(drill_script failing-again)" >&2
	does 1 0 apps 'fails                version 3, in mtd' 'one that does not live is there after the next boot'
	lacks 1 0 apps 'noexec ' 'one that was removed is not'
}

failing_images() {
	drill_files arm noexec
	echo 'this is no program' >"$ROOT.image/root/bin/app"
	drill_pack noexec 1 "$UPDATES/noexec.img"
	drill_image arm fails 1 "$UPDATES/fails-1.img" '{}' 'fail 1'
	drill_image arm fails 2 "$UPDATES/fails-2.img"
	drill_image arm fails 3 "$UPDATES/fails-3.img" '{}' 'fail 7'
	drill_image arm lamp 1 "$UPDATES/lamp.img" '{"Gpio": [1]}'
	drill_image arm other-lamp 1 "$UPDATES/other-lamp.img" '{"Gpio": [0, 1]}'
	drill_image arm ends 1 "$UPDATES/ends.img" '{}' 'fail 0'
}

failing_script() {
	ctl install /updates/noexec.img
	ctl apps
	ctl start noexec
	ctl install /updates/fails-1.img
	ctl apps
	ctl start fails
	ctl install /updates/fails-1.img
	ctl install /updates/ends.img
	ctl apps
	ctl remove noexec
	ctl install /updates/fails-2.img
	ctl apps
	ctl install /updates/fails-3.img
	ctl apps
	ctl stop fails
	ctl install /updates/lamp.img
	ctl install /updates/other-lamp.img
	ctl apps
	ctl remove lamp
	ctl install /updates/other-lamp.img
}

failing_first() {
	local noexec='cannot execute the program: ENOEXEC'
	does 1 1 'install /updates/noexec.img' "sphere-ctl: noexec is installed, but does not start: $noexec" 'what is no program: the answer says so'
	does 1 0 apps 'noexec               version 1, in mtd' 'it stays in its slot'
	does 1 0 apps 'restarts in ' 'and is tried again'
	does 1 1 'start noexec' "sphere-ctl: noexec does not start: $noexec" 'a start says so, too'
	does 1 1 'install /updates/fails-1.img' 'sphere-ctl: fails is installed, but does not stay alive: ended with status 1' 'one that fails at once: the answer says so'
	does 2 0 apps 'fails                version 1, in mtd' 'this one stays, too'
	does 1 1 'start fails' 'sphere-ctl: fails does not stay alive: ended with status 1' 'it is started again when asked for'
	does 2 1 'install /updates/fails-1.img' 'it is version 1, and version 1 is there' 'the same version does not replace it'
	does 1 0 'install /updates/ends.img' 'ends: version 1 is installed' 'one that has done its work at once has not failed'
	does 3 0 apps 'user 1003: has ended' 'and is shown so'
	does 1 0 'remove noexec' '' 'what does not start can be removed'
	does 1 0 'install /updates/fails-2.img' 'fails: version 2 is installed' 'a new version replaces what does not live'
	lacks 4 0 apps 'noexec ' 'what was removed is gone'
	does 4 0 apps 'user 1002: runs as process' 'the new version runs'
	does 1 1 'install /updates/fails-3.img' 'sphere-ctl: fails is installed, but does not stay alive: ended with status 7' 'of a new version that does not live, the answer says so'
	does 5 0 apps 'fails                version 3, in mtd' 'the new version is there'
	does 1 0 'stop fails' '' 'what is to be tried again can be stopped'
	does 6 0 apps 'user 1002: was stopped' 'and is not tried again then'
	does 1 1 'install /updates/other-lamp.img' 'GPIO line 1 of 9030000.gpio is already granted to lamp' 'who asks for the line of another is refused'
	lacks 6 0 apps 'other-lamp ' 'and does not stay'
	does 2 0 'install /updates/other-lamp.img' 'other-lamp: version 1 is installed' 'once the other is removed, it is installed'
}
