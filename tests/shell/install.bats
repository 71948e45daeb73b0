#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only

setup() {
	source=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	build=${SPTEST_BUILD:-$source/build}
	unset MAKEFLAGS MAKELEVEL MFLAGS DESTDIR PREFIX
}

@test "a second build compiles nothing" {
	make -C "$source" -s O="$build" build
	run make -C "$source" --no-print-directory O="$build" build
	echo "$output"
	[ -z "$output" ]
}

@test "an installed sptest finds its tests, splats and kernels" {
	command -v scdoc || skip "no scdoc here for the man page"
	root=$BATS_TEST_TMPDIR/root
	make -C "$source" -s O="$build" NO_INSTALL=1 DESTDIR="$root" PREFIX=/opt/x install
	for file in bin/sptest libexec/sptest/init share/sptest/splats share/sptest/kernels/bookworm.conf share/sptest/xfail/README.md \
		share/man/man1/sptest.1 share/bash-completion/completions/sptest; do
		[ -s "$root/opt/x/$file" ]
	done
	diff <("$root/opt/x/bin/sptest" list --names) <("$build/sptest" list --names)
	[ -n "$("$root/opt/x/bin/sptest" list --names)" ]
}

@test "clean removes what was built and nothing else" {
	tree=$BATS_TEST_TMPDIR/out
	mkdir -p "$tree/obj" "$tree/tests"
	touch "$tree/sptest" "$tree/mine"
	make -C "$source" -s O="$tree" clean
	[ "$(ls "$tree")" = mine ]
}
