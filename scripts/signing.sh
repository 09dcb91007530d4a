# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034 # those who source it use the variables
#
# How images are signed that are made here: by a key for development, which lies
# in build/keys, and which root file systems that are made here trust. Sourced
# after lib.sh; scripts/build-tools has to be run before.

DEVELOPMENT_KEY=$BUILD/keys/development.pem
DEVELOPMENT_KEYS=$BUILD/keys/development.keys	# for a device: /etc/sphere/keys
# What sphere image and sphere sign are told.
SIGNED=(--key "$DEVELOPMENT_KEY" --image-version "${IMAGE_VERSION:-1}")

# make_development_key: unless it is there. Others may be about to make it, too: all
# get the first, and each file as a whole.
make_development_key() {
	local sphere=$BUILD/cargo/release/sphere new=$BUILD/keys/new.$BASHPID
	mkdir -p "$BUILD/keys"
	if ! [ -f "$DEVELOPMENT_KEY" ]; then
		"$sphere" key new "$new" >/dev/null || die "there is no key to sign images with: see above"
		mv -n "$new" "$DEVELOPMENT_KEY"
		rm -f "$new"
	fi
	"$sphere" key show "$DEVELOPMENT_KEY" >"$new" ||
		die "$DEVELOPMENT_KEY is no key: remove it, and it is made again"
	mv "$new" "$DEVELOPMENT_KEYS"
}

# add_keys ROOT: the keys that sphere-init trusts, into a root file system.
add_keys() {
	make_development_key
	install -D -m 644 "$DEVELOPMENT_KEYS" "$1/etc/sphere/keys"
}

# sign_image IMAGE [OPTION...]: one that sphere image has not made.
sign_image() {
	make_development_key
	"$BUILD/cargo/release/sphere" sign "$1" "${SIGNED[@]}" "${@:2}" ||
		die "$1 cannot be signed: see above"
}
