# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034 # those who source it use the variables
#
# What goes into the root of a test guest. Sourced after lib.sh.

# Debian's flash tools, which a test runs as they are.
MTD_UTILS=(/usr/sbin/{flash_erase,flashcp,mtd_debug,mtdinfo,nanddump,nandwrite})

# And its GPIO tools.
GPIOD=(/usr/bin/{gpiodetect,gpioget,gpioinfo,gpioset})

# And its quota tools.
QUOTA=(/usr/sbin/{edquota,repquota,setquota} /usr/bin/quota)

# And what shows its traces.
TRACE=(/usr/bin/trace-cmd)

# add_programs ROOT FILE...: programs of this machine, where they lie here, with
# the dynamic loader and what it loads.
add_programs() {
	local root=$1 program
	shift
	for program; do
		[ -x "$program" ] || die "$program is not installed: run 'make setup' first"
		install -D "$program" "$root$program"
		add_libraries "$root" "$program"
	done
}

# add_busybox ROOT: a shell, and what scripts use.
add_busybox() {
	local program
	need busybox
	install -D "$(command -v busybox)" "$1/bin/busybox"
	for program in $("$1/bin/busybox" --list); do
		[ "$program" = busybox ] || ln -sf busybox "$1/bin/$program"
	done
}

# add_cross_libraries ROOT FILE PREFIX: the same, for a program that a compiler
# for another architecture has made. They come with the compiler.
add_cross_libraries() {
	local root=$1 program=$2 prefix=$3 loader library
	loader=$("${prefix}readelf" -lW "$program" | sed -n 's/.*program interpreter: \(.*\)]/\1/p')
	install -D "$("${prefix}gcc" -print-file-name="$(basename "$loader")")" "$root$loader"
	"${prefix}readelf" -dW "$program" | sed -n 's/.*(NEEDED).*\[\(.*\)]/\1/p' | while read -r library; do
		install -D "$("${prefix}gcc" -print-file-name="$library")" "$root/lib/$library"
	done
}

# add_libraries ROOT FILE: the dynamic loader and the libraries that FILE needs.
add_libraries() {
	local root=$1 file
	ldd "$2" | grep -o '/[^ ]*' | while read -r file; do
		install -D "$file" "$root$file"
	done
}
