# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# A small archive of packages, signed by a key of its own, which is all that sptest knows of: no network.

# The key.
setup_file() {
	export GNUPGHOME=$BATS_FILE_TMPDIR/gpg
	mkdir -m 700 "$GNUPGHOME"
	command -v gpg || return 0
	gpg --batch --quiet --passphrase '' --quick-gen-key archive@example.org default sign never
	gpg --batch --quiet --export >"$BATS_FILE_TMPDIR/keyring.gpg"
}

teardown_file() {
	! command -v gpgconf || gpgconf --kill all
}

# Of setup(): an empty one; sptest is the program to test with it.
archive_make() {
	# shellcheck disable=SC2034 # who loads this uses it
	sptest=$(realpath "${SPTEST:-$BATS_TEST_DIRNAME/../../build/sptest}")
	archive=$BATS_TEST_TMPDIR/archive
	export GNUPGHOME=$BATS_FILE_TMPDIR/gpg
	export XDG_CACHE_HOME=$BATS_TEST_TMPDIR/cache XDG_CONFIG_HOME=$BATS_TEST_TMPDIR/config
	# The suites of the tracked list shall not answer.
	export SPTEST_MIRROR=file:$BATS_TEST_TMPDIR/none
	command -v gpg || skip "no gpg here to sign an archive with"
	mkdir -p "$archive/pool" "$XDG_CONFIG_HOME/sptest/kernels"
	printf '%s\n' "suite = ours" "uri = file:$archive" \
		"keyring = $BATS_FILE_TMPDIR/keyring.gpg" >"$XDG_CONFIG_HOME/sptest/kernels/ours.conf"
}

# bzimage FILE RELEASE: as much of one as names its release.
bzimage() {
	truncate -s 1024 "$1"
	printf 'HdrS' | dd of="$1" bs=1 seek=$((0x202)) conv=notrunc status=none
	printf '\x00\x01' | dd of="$1" bs=1 seek=$((0x20e)) conv=notrunc status=none
	printf '%s (x@y) #1' "$2" | dd of="$1" bs=1 seek=$((0x300)) conv=notrunc status=none
}

# deb NAME VERSION [DEPENDS]: packs what lies in $BATS_TEST_TMPDIR/root into the pool.
deb() {
	local root=$BATS_TEST_TMPDIR/root

	mkdir -p "$root/DEBIAN"
	printf '%s\n' "Package: $1" "Version: $2" "Architecture: amd64" "Maintainer: x <x@y>" \
		${3:+"Depends: $3"} "Description: kernel" >"$root/DEBIAN/control"
	dpkg-deb --build --root-owner-group "$root" "$archive/pool/$1_$2_amd64.deb" >/dev/null
	rm -r "$root"
}

# kernel VERSION: a whole kernel as one package, as Debian had it until 6.17.
kernel() {
	local root=$BATS_TEST_TMPDIR/root release=$1-cloud-amd64

	mkdir -p "$root/boot" "$root/lib/modules/$release/kernel"
	bzimage "$root/boot/vmlinuz-$release" "$release"
	echo CONFIG_KVM=m >"$root/boot/config-$release"
	cp /bin/true "$root/lib/modules/$release/kernel/kvm.ko"
	touch "$root/lib/modules/$release"/modules.{builtin,builtin.modinfo,order}
	deb "linux-image-$release" "$1-1"
}

# Writes the indexes of what is in the pool, and signs them.
publish() {
	local dist=$archive/dists/ours file packages=main/binary-amd64/Packages

	mkdir -p "$dist/main/binary-amd64"
	for file in "$archive"/pool/*.deb; do
		dpkg-deb --field "$file"
		printf '%s\n' "Filename: pool/${file##*/}" "Size: $(stat -c %s "$file")" \
			"SHA256: $(sha256sum "$file" | cut -d' ' -f1)" ""
	done >"$dist/$packages"
	printf '%s\n' "Suite: ours" "Codename: ours" "Architectures: amd64" "Components: main" \
		"Date: $(LC_ALL=C date -uR)" "SHA256:" \
		" $(sha256sum "$dist/$packages" | cut -d' ' -f1) $(stat -c %s "$dist/$packages") $packages" \
		>"$dist/Release"
	gpg --batch --quiet --yes --clearsign --output "$dist/InRelease" "$dist/Release"
	rm "$dist/Release"
}
