# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Fetches single packages from Debian suites that the machine itself does not
# use, without touching the machine's own apt: lists, cache and sources are
# private. Mirror and proxy are the machine's; every file is checked by apt
# against Debian's archive keys. Sourced after lib.sh.

APT_STATE=$CACHE/apt

# debian_mirrors: where this machine gets its Debian from, one URI a line. apt
# itself is asked, so that any format of its sources will do; suites with a
# dash (updates, security) may lie elsewhere.
debian_mirrors() {
	# shellcheck disable=SC2016 # apt's own variables
	apt-get indextargets -o APT::Get::IndexTargets::ReleaseInfo=no \
		--format '$(REPO_URI) $(RELEASE)' 'Created-By: Packages' |
		awk '$1 ~ /^(https?|mirror|ftp)/ && $2 !~ /[-\/]/ && !seen[$1]++ { print $1 }'
}

debian_keyring() {
	local keyring
	for keyring in /usr/share/keyrings/debian-archive-keyring.{gpg,pgp,asc}; do
		if [ -e "$keyring" ]; then
			echo "$keyring"
			return
		fi
	done
	die "there is no Debian archive keyring: apt-get install debian-archive-keyring"
}

# private_apt SUITE COMMAND ARGUMENT...
private_apt() {
	local suite=$1 command=$2
	shift 2
	"$command" -q -c "$APT_STATE/$suite/apt.conf" "$@"
}

# private_apt_configure SUITE MIRROR
private_apt_configure() {
	local dir=$APT_STATE/$1
	mkdir -p "$dir/lists/partial" "$dir/cache/archives/partial"
	cat >"$dir/sources.list" <<-EOT
		deb [signed-by=$(debian_keyring) target=Packages arch=$(dpkg --print-architecture)] $2 $1 main
	EOT
	cat >"$dir/apt.conf" <<-EOT
		#clear APT::Update::Post-Invoke;
		#clear APT::Update::Post-Invoke-Success;
		APT::Update::Error-Mode "any";
		APT::Sandbox::User "$(id -un)";
		Acquire::Languages "none";
		Acquire::Retries "3";
		Dir::Etc::SourceList "$dir/sources.list";
		Dir::Etc::SourceParts "/dev/null";
		Dir::Etc::Preferences "/dev/null";
		Dir::Etc::PreferencesParts "/dev/null";
		Dir::State "$dir";
		Dir::State::Lists "$dir/lists";
		Dir::State::Status "/dev/null";
		Dir::Cache "$dir/cache";
	EOT
}

# private_apt_update SUITE: from the first of the machine's mirrors that has it.
private_apt_update() {
	local mirror
	for mirror in $(debian_mirrors); do
		private_apt_configure "$1" "$mirror"
		if logged "apt-$1" private_apt "$1" apt-get update; then
			return 0
		fi
	done
	warn "no mirror of this machine's apt sources answers for Debian's suite $1"
	return 1
}

# private_apt_versions SUITE PACKAGE: newest first, one a line.
private_apt_versions() {
	private_apt "$1" apt-cache madison "$2" 2>/dev/null | awk -F ' *[|] *' '{ print $2 }'
}

# private_apt_download SUITE PACKAGE VERSION-PATTERN: fetches the newest version
# that matches and prints where the package lies: alone in a directory, which
# the next download empties.
private_apt_download() {
	local dir=$APT_STATE/download version
	while read -r version; do
		# shellcheck disable=SC2053 # it is a pattern
		if [[ $version == $3 ]]; then
			note "downloading $2 $version ($1)" >&2
			rm -rf "$dir"
			mkdir -p "$dir"
			(cd "$dir" && logged "download-$2" private_apt "$1" apt-get download "$2=$version") || return 1
			find "$dir" -name '*.deb'
			return
		fi
	done < <(private_apt_versions "$1" "$2")
	return 1
}
