#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# The kernel's own selftests become tests of sptest, from a tree that has few of them.
# shellcheck disable=SC2154 # variables of bats

bats_require_minimum_version 1.5.0
load upstream

setup() {
	source=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	tree=$BATS_TEST_TMPDIR/tree
	out=$BATS_TEST_TMPDIR/out
	type -P rsync >/dev/null || skip "rsync is not here: ci/setup kernel installs it"
	upstream_tree "$tree"
}

build() {
	run --separate-stderr "$source/upstream/build" --source "$tree" --out "$out" \
		--list "$source/upstream/kvm.list" --list "$source/upstream/mm.list"
	echo "$output" "$stderr"
}

@test "what compiles is a test that describes itself; the rest is named" {
	build
	[ "$status" -eq 0 ]
	[ "$(cd "$out/tests" && echo */*)" = 'kvm/set_memory_region mm/madv_populate mm/mkdirty' ]
	[ "$("$out/tests/mm/mkdirty" --describe | jq -r '"\(.group)/\(.name) \(.timeout_s)"')" = 'mm/mkdirty 30' ]
	grep -qx 'exec /bin/upstream-test mkdirty /bin/upstream-mkdirty ' "$out/tests/mm/mkdirty"
	[ -x "$out/bin/upstream-set_memory_region_test" ]
	[ ! -e "$out/tree" ]
	[[ $stderr == *'not to be compiled: mm/{cow,'* ]]
	run --separate-stderr "${SPTEST:-$source/build/sptest}" list --names --selftests "$out/tests"
	[ "${#lines[@]}" -eq 3 ]
}

@test "every line of the lists makes sense" {
	run awk '!/^#/ && NF && (NF < 3 || $2 !~ /^[0-9]+$/ || seen[FILENAME $1]++) { print FILENAME ": " $0 }' \
		"$source"/upstream/*.list
	[ -z "$output" ]
}

@test "no source, or nothing that compiles: one line" {
	rm "$tree"/tools/testing/selftests/*/*.c
	build
	[ "$status" -eq 1 ]
	[[ ${stderr_lines[-1]} == 'build-upstream: nothing was compiled: '* ]]
	rm -rf "$tree/tools" "$out"
	build
	[ "$status" -eq 1 ]
	[[ ${stderr_lines[-1]} == *'no kernel source with selftests' ]]
}
