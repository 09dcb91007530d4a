# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2153 # NAME, ROOT and LOG are variables of the stage
#
# Devices on which sphere-drill has applications installed, started and stopped, for
# stages of the tests. Sourced after lib.sh, target.sh, results.sh, flash.sh and
# signing.sh. NAME is the stage's; ROOT is the directory of the root file system of
# the device, and LOG what it has said when it was on for the last time.

DRILL_RAM=4096

# drill_root ARCH DIR: a root file system with the managers.
drill_root() {
	local programs
	programs=$(programs_of "$1")
	rm -rf "$2"
	mkdir -p "$2"/{bin,updates}
	install "$programs"/sphere-{init,ctl,drill,run} "$2/bin"
	add_keys "$2"
}

# drill_board FILE: what the applications of the drill can be granted.
drill_board() {
	cat >"$1" <<-END
		{"SchemaVersion": 1, "Name": "drill", "Gpio": [{"First": 0, "Last": 7, "Chip": "9030000.gpio", "Offset": 0}],
		"Limits": {"MemoryKB": 512, "Processes": 4, "CpuPercent": 50}}
	END
}

# drill_files ARCH NAME [CAPABILITIES [ARGUMENTS]]: in ROOT.image, what an
# application consists of that runs sphere-drill with the arguments, words with
# spaces between them; "wait" without, which runs until it is told to end. Its
# component follows from its name, or from DRILL_SEED.
drill_files() {
	local name=$2 capabilities=${3:-} arguments=${4:-wait} work=$ROOT.image id
	[ -n "$capabilities" ] || capabilities='{}'
	rm -rf "$work"
	mkdir -p "$work/root/bin"
	install "$(programs_of "$1")/sphere-drill" "$work/root/bin/app"
	id=$(md5sum <<<"${DRILL_SEED:-$name}")
	drill_board "$work/board.json"
	cat >"$work/manifest.json" <<-END
		{"SchemaVersion": 1, "Name": "$name", "EntryPoint": "/bin/app", "ApplicationType": "Default",
		"ComponentId": "${id:0:8}-${id:8:4}-4${id:13:3}-8${id:17:3}-${id:20:12}",
		"CmdArgs": ["${arguments// /\", \"}"], "Capabilities": $capabilities}
	END
}

# drill_pack NAME VERSION OUTPUT: an image of what drill_files has made. DRILL_KEY
# signs it.
drill_pack() {
	local work=$ROOT.image
	"$BUILD/cargo/release/sphere" image "$work/manifest.json" --board "$work/board.json" --root "$work/root" \
		--key "${DRILL_KEY:-$DEVELOPMENT_KEY}" --image-version "$2" --name "$1" --output "$3" ||
		die "there is no image of $1: see above"
}

# drill_image ARCH NAME VERSION OUTPUT [CAPABILITIES [ARGUMENTS]]
drill_image() {
	drill_files "$1" "$2" "${@:5}"
	drill_pack "$2" "$3" "$4"
}

# drill_record ARCH NAME OUTPUT: the identity of such an application, for sphere-run.
drill_record() {
	drill_files "$1" "$2"
	"$BUILD/cargo/release/sphere" pack "$ROOT.image/manifest.json" \
		--board "$ROOT.image/board.json" -o "$3" || die "there is no record of $2: see above"
}

# drill_boot NAME INIT-ARGUMENTS [IMAGE...]: the flash is new, and has these images.
# Applications go on for ever: it is over when the drill is.
drill_boot() {
	fill_flash "$ROOT" "$DRILL_RAM" "${@:2}"
	drill_on "$1"
}

# drill_boot_again NAME INIT-ARGUMENTS: with the flash as the last time has left it.
drill_boot_again() {
	local keep=$ROOT.keep
	cp "$ROOT.bank1" "$keep"
	fill_flash "$ROOT" "$DRILL_RAM" "$2"
	mv "$keep" "$ROOT.bank1"
	drill_on "$1"
}

# drill_on NAME: switches the device on, and off when the drill is over.
drill_on() {
	local pidfile=$ROOT.pid guest
	LOG=$LOGS/guest-$1.log
	: >"$LOG"
	"$TOP/scripts/qemu" --timeout 600 --memory "${DRILL_RAM}K" --log "$LOG" --pidfile "$pidfile" \
		arm-xip "$ROOT" >/dev/null 2>&1 &
	guest=$!
	while kill -0 "$guest" 2>/dev/null && ! grep -q '^\[init\] /bin/sphere-drill .*; it is not restarted' "$LOG"; do
		sleep 0.2
	done
	kill -KILL "$(cat "$pidfile")" 2>/dev/null || true
	wait "$guest" || true
	rm -f "$pidfile"
}

# drill_on_x86 TARGET MIB AT PARTITIONS: the device in memory, of an architecture that
# has no flash here: 4 MiB at AT, which no kernel uses, are flash that is erased. It has
# the commands in /drill done.
drill_on_x86() {
	local ram=$ROOT.ram size=$((4 << 20))
	rm -f "$ram"
	truncate -s "$2M" "$ram"
	head -c "$size" /dev/zero | tr '\0' '\377' |
		dd of="$ram" bs=1M seek=$(($3 >> 20)) conv=notrunc status=none
	: >"$LOG"
	"$TOP/scripts/qemu" --timeout 900 --memory "$2" --ram "$ram" --log "$LOG" "$1" "$ROOT.cpio.gz" quiet \
		"memmap=$size\$$3" "phram.phram=flash,$3,$size,65536" "mtdparts=flash:$4" \
		-- --reboot-when-idle "$(drill_script drill)" >/dev/null 2>&1 || true
	rm -f "$ram"
}

# drill_script NAME: what --manager is told to have the commands in /NAME done.
drill_script() {
	printf -- '--manager "/bin/sphere-drill script /%s"' "$1"
}

# ctl WORD..., drill WORD...: lines of such a file.
ctl() {
	printf '/bin/sphere-ctl %s\n' "$*"
}

drill() {
	printf '/bin/sphere-drill %s\n' "$*"
}

# does NTH STATUS COMMAND WORDS WHAT: one test, passed if the NTH time that sphere-ctl
# is told COMMAND, it ends with STATUS, and WORDS are in what is said meanwhile.
does() {
	check "$NAME: $5" drill_said "$1" "$2" "/bin/sphere-ctl $3" "$4"
}

# runs NTH STATUS COMMAND WORDS WHAT: as does, for any command.
runs() {
	check "$NAME: $5" drill_said "$1" "$2" "$3" "$4"
}

# lacks NTH STATUS COMMAND WORDS WHAT: as does, but WORDS are not in what is said.
lacks() {
	check "$NAME: $5" drill_said "$1" "$2" "/bin/sphere-ctl $3" "" "$4"
}

# drill_said NTH STATUS COMMAND WORDS [NOT]: what is said with WORDS, and without NOT.
drill_said() {
	awk -v nth="$1" -v status="$2" -v command="$3" -v words="$4" -v not="${5:-}" '
		{ said = said $0 "\n" }
		$0 == "drill: > " command { said = "" }
		substr($0, 1, 14) == "drill: status " && substr($0, index($0, " of ") + 4) == command && ++n == nth {
			printf "%s%s\n", said, $0
			good = $3 == status && index(said, words) && !(not && index(said, not))
		}
		END { exit !good }
	' "$LOG"
}
