# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2153 # ROOT and the like are variables of the stage
#
# Parts of scripts/stages/manage: who asks the first process for what there is not,
# and who must not ask.

hostile() {
	drill_root arm "$ROOT" >&2
	drill_image arm victim 1 "$UPDATES/victim.img" "$STORAGE" >&2
	drill_image arm knock 1 "$UPDATES/knock.img" '{}' 'knock victim' >&2
	drill_record arm other "$ROOT/record" >&2
	hostile_script >"$ROOT/hostile"
	drill_boot manage-hostile "$(drill_script hostile)" >&2
	hostile_client
	hostile_others
}

hostile_script() {
	ctl install /updates/victim.img
	drill hostile victim
	ctl install /updates/knock.img
	echo '/bin/sphere-run --uid 2000 /record -- /bin/sphere-drill knock victim'
	echo '/bin/sphere-run /record -- /bin/sphere-drill knock victim'
	echo 'nobody /bin/sphere-drill knock victim'
	echo 'nobody /bin/sphere-ctl remove victim'
	ctl apps
}

hostile_client() {
	local partition
	for partition in data system; do
		check "$NAME: the partition $partition is no slot, whoever says so" grep "^drill: hostile: $partition is no slot" "$LOG"
	done
	runs 1 0 '/bin/sphere-drill hostile victim' 'drill: hostile: nothing has changed' 'what is no request, and what is none of a slot, changes nothing'
}

# knocks WHO COMMAND WAY ANSWER: one test.
knocks() {
	runs 1 0 "$2" "drill: knock: $3: $4" "$1"
}

hostile_others() {
	local control=/run/sphere/control who='only a manager may ask, and the kernel says that this is'
	local root='/bin/sphere-run /record -- /bin/sphere-drill knock victim'
	check "$NAME: an application finds no way to the first process" \
		awk '/^drill: knock: .*: ENOENT/ { n++ } /^\[init\] knock finished/ { exit } END { exit n != 4 }' "$LOG"
	knocks 'an application with the root directory of the device neither' \
		"${root/ \// --uid 2000 /}" "$control" 'EACCES'
	knocks 'an application that is root is not listened to' "$root" "$control" "$who"
	knocks 'nor is a task without identity' 'nobody /bin/sphere-drill knock victim' "$control" "$who"
	does_nobody 1 1 'remove victim' "sphere-ctl: $who" 'nor by sphere-ctl'
	check "$NAME: nobody of them was obeyed" not_broken
	does 1 0 apps 'user 1001: runs as process' 'the application that they meant runs'
}

# does_nobody NTH STATUS COMMAND WORDS WHAT: as does, for who is no manager.
does_nobody() {
	runs "$1" "$2" "nobody /bin/sphere-ctl $3" "$4" "$5"
}

not_broken() {
	! grep BROKEN "$LOG"
}

# On x86_64, a partition that is no slot can have an image in it.
planted() {
	local ROOT=$BUILD/guest/manage-planted
	LOG=$LOGS/guest-manage-planted.log
	drill_root x86_64 "$ROOT" >&2
	mv "$ROOT/bin/sphere-init" "$ROOT/init"
	drill_image x86_64 victim 1 "$ROOT/updates/victim.img" "$STORAGE" >&2
	{
		drill plant /updates/victim.img other
		ctl install /updates/victim.img
		drill hostile victim
		ctl stop victim
	} >"$ROOT/drill"
	"$TOP/scripts/make-cpio" "$ROOT" >&2
	drill_on_x86 x86_64 256 $((192 << 20)) '3m(data),256k(slot0),256k(other)'
	runs 1 0 '/bin/sphere-drill plant /updates/victim.img other' '' 'an image is put where none belongs'
	check "$NAME: that does not make a slot of it" grep '^drill: hostile: other is no slot' "$LOG"
	runs 1 0 '/bin/sphere-drill hostile victim' 'drill: hostile: nothing has changed' 'and the image stays there'
}
