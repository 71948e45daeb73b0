#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# What make hands on: every variable arrives as one word of sptest's, whatever stands in it.

setup() {
	source=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	unset MAKEFLAGS MAKELEVEL MFLAGS KERNEL TESTS MMU ACCEL JOBS SEED OUT MEMORY APPEND V O CHECK
}

# What `make check` would run, without running it.
sptest_line() {
	make -C "$source" -n O="$BATS_TEST_TMPDIR/b" check "$@" | grep '/sptest run'
}

@test "make help lists every target and variable" {
	run make -C "$source" --no-print-directory help
	[ "$status" -eq 0 ]
	for word in check check-full test unit shell-test meta bench lint install clean help build \
		KERNEL TESTS CHECK MMU ACCEL JOBS MEMORY APPEND SEED OUT V O NO_INSTALL PREFIX DESTDIR; do
		grep -qE "^  $word +.+  make " <<<"$output" || { echo "not listed: $word"; false; }
	done
}

@test "make check hands its variables on" {
	run sptest_line KERNEL=6.1 MMU=shadow ACCEL=tcg JOBS=2 MEMORY=6144 APPEND="a=1 b" SEED=7 OUT=/tmp/x CHECK=full V=1
	echo "$output"
	for option in "--kernel '6.1'" "--mmu 'shadow'" "--accel 'tcg'" "--jobs '2'" "--memory '6144'" "--append 'a=1 b'" "--seed '7'" \
		"--out '/tmp/x'" --full --verbose; do
		[[ $output == *"$option"* ]]
	done
}

@test "make check without variables leaves the choice to sptest" {
	run sptest_line
	echo "$output"
	[[ $output == *"--out"*"results/runs"* ]]
	[[ $output != *--kernel* && $output != *--tests* && $output != *--full* && $output != *--verbose* ]]
}

@test "make without libvirt leaves out what needs it, and says so in one line" {
	mkdir "$BATS_TEST_TMPDIR/bin"
	cat >"$BATS_TEST_TMPDIR/bin/pkg-config" <<-end
		#!/bin/sh
		for word; do [ "\$word" != libvirt ] || exit 1; done
		exec $(command -v pkg-config) "\$@"
	end
	chmod +x "$BATS_TEST_TMPDIR/bin/pkg-config"
	run env PATH="$BATS_TEST_TMPDIR/bin:$PATH" make -C "$source" -n O="$BATS_TEST_TMPDIR/b" build
	[ "$status" -eq 0 ]
	[ "$(grep -c "sptest workload --here is left out: it needs libvirt-dev" <<<"$output")" -eq 1 ]
	[[ $output != *libexec/workload-here* ]]
}

@test "CHECK= knows full only" {
	run sptest_line CHECK=everything
	echo "$output"
	[[ $output == *"CHECK=everything"* ]]
}

@test "a glob and a quote survive" {
	run sptest_line "TESTS=zap/* it's"
	echo "$output"
	mapfile -t words < <(bash -c "printf '%s\\n' ${output#*run }")
	[[ " ${words[*]} " == *" --tests zap/* it's "* ]]
}

@test "all of a build goes below O" {
	run make -C "$source" -n O="$BATS_TEST_TMPDIR/b" build
	[[ $output == *"$BATS_TEST_TMPDIR/b/obj/"* ]]
	[[ $output != *"$source/build/"* ]]
}
