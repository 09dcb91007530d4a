# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Devices on which sphere-drill has applications installed, started and stopped, for
# stages of the tests. Sourced after lib.sh, target.sh, flash.sh and signing.sh.

# drill_root ARCH DIR: a root file system with the managers.
drill_root() {
	local programs
	programs=$(programs_of "$1")
	rm -rf "$2"
	mkdir -p "$2"/{bin,updates}
	install "$programs"/sphere-{init,ctl,drill} "$2/bin"
	add_keys "$2"
}

# drill_board FILE: what the applications of the drill can be granted.
drill_board() {
	cat >"$1" <<-END
		{"SchemaVersion": 1, "Name": "drill", "Gpio": [{"First": 0, "Last": 7, "Chip": "9030000.gpio", "Offset": 0}],
		"Limits": {"MemoryKB": 512, "Processes": 4, "CpuPercent": 50}}
	END
}

# drill_image ARCH NAME VERSION OUTPUT [CAPABILITIES [ARGUMENT]]: an application
# that runs until it is told to end; with the argument "deaf", not even then. Its
# component follows from its name. DRILL_KEY signs it.
drill_image() {
	local name=$2 version=$3 output=$4 capabilities=${5:-} argument=${6:-} work=$BUILD/guest/drill-image id
	[ -n "$capabilities" ] || capabilities='{}'
	rm -rf "$work"
	mkdir -p "$work/root/bin"
	install "$(programs_of "$1")/sphere-drill" "$work/root/bin/app"
	id=$(md5sum <<<"$name")
	drill_board "$work/board.json"
	cat >"$work/manifest.json" <<-END
		{"SchemaVersion": 1, "Name": "$name", "EntryPoint": "/bin/app", "ApplicationType": "Default",
		"ComponentId": "${id:0:8}-${id:8:4}-4${id:13:3}-8${id:17:3}-${id:20:12}",
		"CmdArgs": ["wait"${argument:+, \"$argument\"}], "Capabilities": $capabilities}
	END
	"$BUILD/cargo/release/sphere" image "$work/manifest.json" --board "$work/board.json" --root "$work/root" \
		--key "${DRILL_KEY:-$DEVELOPMENT_KEY}" --image-version "$version" --name "$name" --output "$output" ||
		die "there is no image of $name: see above"
}
