#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# sptest kernels build, on a tree that knows kbuild's targets and compiles one file.
# shellcheck disable=SC2154 # variables of bats

bats_require_minimum_version 1.5.0
load kernel-tree

setup() {
	kernel_tree_set_up
}

build() {
	run --separate-stderr "$sptest" kernels build --tree "$tree" "$@"
}

@test "a flavour is built from a tree: image, config and modules are in the cache" {
	build small
	[ "$status" -eq 0 ]
	[[ ${lines[0]} == "small: 6.12.9-small, small-tree-"*", built from $tree" ]]
	image=${lines[1]# *}
	image=${image// /}
	[ -s "$image" ]
	grep -q CONFIG_KVM=m "${image%/vmlinuz}/config"
	run "$sptest" kernels show "$image"
	[[ $output == *"lib/modules/6.12.9-small"* ]]
}

@test "the same input is not built again, another one is" {
	build small
	[[ $stderr == *"building small"* ]]
	build small
	[ "$status" -eq 0 ]
	[[ $stderr != *building* ]]
	printf 'CONFIG_KVM=y\n' >"$own/fragments/one.config"
	build small
	[[ $stderr == *"building small"* ]]
}

@test "a kernel that was built is there while another one is being built" {
	build small
	exec {lock}<"$XDG_CACHE_HOME/sptest/trees/lock"
	flock "$lock"
	run --separate-stderr timeout 20 "$sptest" kernels build --tree "$tree" small
	[ "$status" -eq 0 ]
	[[ $stderr != *"waiting for another sptest"* ]]
	printf 'CONFIG_KVM=y\n' >"$own/fragments/one.config"
	run --separate-stderr timeout 3 "$sptest" kernels build --tree "$tree" small
	[ "$status" -eq 124 ]
	[[ $stderr == *"waiting for another sptest"* ]]
}

@test "what unpacks the source ends with sptest" {
	# shellcheck disable=SC2016 # $$ is that of the program
	printf '#!/bin/sh\necho $$ >%s/pid\nexec sleep 1000\n' "$BATS_TEST_TMPDIR" >"$BATS_TEST_TMPDIR/rsync"
	chmod +x "$BATS_TEST_TMPDIR/rsync"
	PATH=$BATS_TEST_TMPDIR:$PATH "$sptest" kernels build --tree "$tree" small 3>&- &
	until [[ -s $BATS_TEST_TMPDIR/pid ]]; do
		kill -0 $!
		sleep 0.1
	done
	kill -TERM $!
	wait $! || true
	for ((tries = 0; tries < 100; tries++)); do
		kill -0 "$(<"$BATS_TEST_TMPDIR/pid")" 2>/dev/null || return 0
		sleep 0.1
	done
	kill "$(<"$BATS_TEST_TMPDIR/pid")"
	false
}

@test "only what a patch touches is compiled again" {
	printf 'int other;\n' >"$tree/mm/other.c"
	commit second
	build small
	stamp=$(stat -c %Y "$XDG_CACHE_HOME"/sptest/trees/small-*/tree/mm/other.c)
	sleep 1.1
	printf 'int page, more;\n' >"$tree/mm/page.c"
	build small
	[ "$status" -eq 0 ]
	[ "$(stat -c %Y "$XDG_CACHE_HOME"/sptest/trees/small-*/tree/mm/other.c)" = "$stamp" ]
	grep -q 'CC      mm/page.o' "$XDG_CACHE_HOME"/sptest/kernels/built-small-*/build.log
	nm "$XDG_CACHE_HOME"/sptest/trees/small-*/objects/page.o | grep -q more
}

@test "a symbol that the tree has and that was refused is named, one it has not is passed over" {
	printf 'CONFIG_KVM=m\nCONFIG_UNHEARD_OF=y\n' >"$own/fragments/one.config"
	build small
	[ "$status" -eq 0 ]
	printf 'CONFIG_OLD=y\n' >"$own/fragments/one.config"
	build small
	[ "$status" -eq 3 ]
	[[ $stderr == *"one.config: CONFIG_OLD is n, not y"* ]]
	[ "$(find "$XDG_CACHE_HOME/sptest/kernels" -name '.building*')" = "" ]
}

@test "a file that does not compile: its first error, nothing left in the cache" {
	printf 'int page = ;\n' >"$tree/mm/page.c"
	build small
	[ "$status" -eq 3 ]
	[[ $stderr == *"small does not compile: "*"error: expected expression"* ]]
	[ "$(find "$XDG_CACHE_HOME/sptest/kernels" -maxdepth 1 -name '*small*')" = "" ]
}

@test "modules that cannot be installed: what make said is kept" {
	sed -i 's|^modules_install:|&\n\t@echo "no room" \&\& false|' "$tree/Makefile"
	build small
	[ "$status" -eq 3 ]
	[[ $stderr == *"make modules_install failed: "*"(all of it: "*"/failed.log)"* ]]
	grep -qx 'no room' "$XDG_CACHE_HOME"/sptest/trees/small-*/failed.log
	[ "$(find "$XDG_CACHE_HOME/sptest/kernels" -maxdepth 1 -name '*small*')" = "" ]
}

@test "a patch is applied; one for the version goes before the common one; one that does not fit is named" {
	printf 'fragments = one\npatches = mine\n' >"$own/flavours/patched.conf"
	printf '%s\n' 'Rename' '--- a/mm/page.c' '+++ b/mm/page.c' '@@ -1 +1 @@' '-int nothing;' '+int x;' \
		>"$own/patches/mine/0001-x.patch"
	build patched
	[ "$status" -eq 3 ]
	[[ $stderr == *"0001-x.patch does not apply"* ]]
	mkdir "$own/patches/mine/6.12"
	sed s/nothing/page/ "$own/patches/mine/0001-x.patch" >"$own/patches/mine/6.12/0001-x.patch"
	build patched
	[ "$status" -eq 0 ]
	grep -qx 'int x;' "$XDG_CACHE_HOME"/sptest/trees/patched-*/tree/mm/page.c
	grep -qx 'int page;' "$tree/mm/page.c"
}

@test "a commit, and each commit of a range" {
	printf 'int page, second;\n' >"$tree/mm/page.c"
	commit second
	printf 'int page, third;\n' >"$tree/mm/page.c"
	commit third
	build --commit HEAD~1 small
	[ "$status" -eq 0 ]
	grep -q second "$XDG_CACHE_HOME"/sptest/trees/small-*/tree/mm/page.c
	build --commit HEAD~2..HEAD small
	[ "$status" -eq 0 ]
	[ "$(grep -c '^small: ' <<<"$output")" -eq 2 ]
	build --commit nothing small
	[ "$status" -eq 2 ]
	[[ $stderr == *"nothing: no commit of the git tree"* ]]
}

@test "words that mean nothing" {
	build unknown
	[ "$status" -eq 2 ]
	[[ $stderr == *"unknown: no such flavour"* ]]
	run --separate-stderr "$sptest" kernels build --tree "$BATS_TEST_TMPDIR" small
	[ "$status" -eq 2 ]
	[[ $stderr == *"not a kernel source tree"* ]]
	run --separate-stderr "$sptest" kernels build
	[ "$status" -eq 2 ]
	[[ $stderr == *"name a kernel"* ]]
	run --separate-stderr "$sptest" kernels build --commit x small
	[ "$status" -eq 2 ]
	[[ $stderr == *"--commit goes with --tree"* ]]
}
