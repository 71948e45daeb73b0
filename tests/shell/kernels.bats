#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# sptest kernels and doctor, against a small archive of our own with a key of its own: no network.

bats_require_minimum_version 1.5.0

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

setup() {
	sptest=${SPTEST:-$BATS_TEST_DIRNAME/../../build/sptest}
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

@test "a prefix fetches the newest match, and a second run needs no archive" {
	kernel 6.12.9
	kernel 6.12.10
	kernel 6.1.200
	publish
	run "$sptest" kernels fetch 6.12
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $output == *"6.12: 6.12.10-cloud-amd64, linux-image-6.12.10-cloud-amd64 6.12.10-1 (ours)"* ]]
	rm -r "$archive"
	run "$sptest" kernels show --json 6.12
	[ "$status" -eq 0 ]
	[ "$(jq -r .release <<<"$output")" = 6.12.10-cloud-amd64 ]
	[ -s "$(jq -r .image <<<"$output")" ]
	grep -q '^kernel/kvm.ko:' "$(jq -r .modules <<<"$output")/modules.dep"
	[ "$(cat "$(jq -r .config <<<"$output")")" = CONFIG_KVM=m ]
	[[ $(jq -r .config_hash <<<"$output") =~ ^[0-9a-f]{16}$ ]]
	[ -z "$(find "$XDG_CACHE_HOME" -name '*.deb')" ]
}

@test "list says what is cached, available and a shell" {
	kernel 6.12.9
	kernel 6.12.10
	mkdir "$BATS_TEST_TMPDIR/root"
	deb linux-image-7.1.2-cloud-amd64 7.1.2-1 "linux-modules-7.1.2-cloud-amd64 (= 7.1.2-1)"
	publish
	"$sptest" kernels fetch 6.12.9
	run --separate-stderr "$sptest" kernels list
	echo "$output"
	[[ ${lines[0]} == *VERSION*PACKAGE*SUITE*STATE* ]]
	[[ ${lines[1]} == *7.1.2*ours*"no modules" ]]
	[[ ${lines[2]} == *6.12.10*ours*available ]]
	[[ ${lines[3]} == *6.12.9*ours*cached ]]
	run "$sptest" kernels fetch 7.1
	[ "$status" -eq 2 ]
	[ "${#lines[@]}" -eq 1 ]
	[[ $output == *"7.1.2: the archive (ours) no longer has its modules"* ]]
}

@test "what the indexes in the cache do not know makes them be read anew" {
	kernel 6.12.9
	publish
	"$sptest" kernels fetch 6.12
	kernel 6.13.1
	publish
	run "$sptest" kernels fetch 6.13
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $output == *"6.13: 6.13.1-cloud-amd64"* ]]
	run "$sptest" kernels fetch 6.14
	[ "$status" -eq 2 ]
	[[ ${lines[-1]} == *"6.14: no such version"* ]]
}

@test "a cache that was moved goes on, without new indexes" {
	kernel 6.12.9
	kernel 6.13.1
	publish
	"$sptest" kernels fetch 6.12
	mv "$XDG_CACHE_HOME" "$BATS_TEST_TMPDIR/elsewhere"
	run env XDG_CACHE_HOME="$BATS_TEST_TMPDIR/elsewhere" "$sptest" kernels show 6.13
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $output != *"reading the package indexes"* ]]
}

@test "two at once fetch it once" {
	kernel 6.12.9
	publish
	"$sptest" kernels fetch 6.12 >"$BATS_TEST_TMPDIR/a" 2>&1 &
	"$sptest" kernels fetch 6.12 >"$BATS_TEST_TMPDIR/b" 2>&1
	wait $!
	cat "$BATS_TEST_TMPDIR"/[ab]
	[ "$(cat "$BATS_TEST_TMPDIR"/[ab] | grep -c 'fetching linux-image')" -eq 1 ]
	[ "$(cat "$BATS_TEST_TMPDIR"/[ab] | grep -c '^6.12: 6.12.9')" -eq 2 ]
}

@test "an altered package is refused, and leaves nothing behind" {
	kernel 6.12.9
	publish
	printf x | dd of="$(echo "$archive"/pool/*.deb)" bs=1 seek=200 conv=notrunc status=none
	run "$sptest" kernels fetch 6.12
	echo "$output"
	[ "$status" -eq 2 ]
	[[ ${lines[-1]} == *"6.12.9 cannot be fetched"*"Hash Sum mismatch"* ]]
	[ "$(ls -A "$XDG_CACHE_HOME/sptest/kernels")" = lock ]
}

@test "an index that its key did not sign is refused" {
	kernel 6.12.9
	publish
	sed -i 's/^Suite: .*/Suite: theirs/' "$archive/dists/ours/InRelease"
	run "$sptest" kernels fetch 6.12
	echo "$output"
	[ "$status" -eq 2 ]
	[[ ${lines[-1]} == *"6.12 is not in the cache, and there are no package indexes"* ]]
}

@test "without an archive and a cache there is one clear line" {
	rm -r "$archive"
	run --separate-stderr "$sptest" kernels show --json 6.12
	# shellcheck disable=SC2154 # set by run --separate-stderr
	echo "$stderr"
	[ "$status" -eq 2 ]
	[ -z "$output" ]
	# shellcheck disable=SC2154
	[ "${#stderr_lines[@]}" -eq 1 ]
	[[ $stderr == *"no package indexes"* ]]
}

@test "the machine's own apt is not written to" {
	local before

	kernel 6.12.9
	publish
	before=$(ls -lR --time-style=full-iso /etc/apt /var/lib/apt /var/cache/apt /var/lib/dpkg)
	"$sptest" kernels fetch 6.12
	[ "$(ls -lR --time-style=full-iso /etc/apt /var/lib/apt /var/cache/apt /var/lib/dpkg)" = "$before" ]
}

@test "a kernel on disk gets a name by a file of one's own" {
	mkdir "$BATS_TEST_TMPDIR/boot"
	bzimage "$BATS_TEST_TMPDIR/boot/vmlinuz" 6.99.0-mine
	echo "image = $BATS_TEST_TMPDIR/boot/vmlinuz" >"$XDG_CONFIG_HOME/sptest/kernels/mine.conf"
	run "$sptest" kernels show mine
	echo "$output"
	[ "$status" -eq 0 ]
	[ "${lines[0]}" = "release      6.99.0-mine" ]
	[[ ${lines[3]} == *"none found"* ]]
}

@test "doctor: a fix for each lack, and an exit status" {
	run "$sptest" doctor --json
	echo "$output"
	[ "$(jq 'all(.[]; .ok or .fix != "")' <<<"$output")" = true ]
	[ "$(jq 'all(.[]; .ok)' <<<"$output")" = "$([ "$status" -eq 0 ] && echo true || echo false)" ]
	[[ $(jq -r '.[] | select(.name == "mirror").text' <<<"$output") == "$SPTEST_MIRROR (SPTEST_MIRROR)" ]]
}

@test "doctor: without QEMU and busybox in reach it is exit status 2" {
	PATH=$BATS_TEST_TMPDIR/none run "$sptest" doctor
	echo "$output"
	[ "$status" -eq 2 ]
	[[ $output == *"LACKS qemu"*"apt-get install qemu-system-x86"* ]]
}
