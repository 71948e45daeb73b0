#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# sptest kernels and doctor, against a small archive of our own with a key of its own: no network.

# sptest and archive are set by archive.bash.
# shellcheck disable=SC2154
bats_require_minimum_version 1.5.0

load archive.bash

setup() {
	archive_make
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
