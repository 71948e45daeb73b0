#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# Input that is none, and kernels on which nothing can be proved: one line or a skip, never a pass.

load helper

setup_file() {
	meta_prepare
	REAL=$(dirname "$SPTEST")/libexec/selftests
	export REAL
}

teardown() {
	nothing_left
}

@test "a file that is no kernel" {
	meta_run --kernel "$BATS_TEST_FILENAME" --tests base/pass
	[[ $status -eq 2 ]]
	one_line 'input.bats: not a bzImage'
	[[ ! -e $OUT ]]
}

@test "a file that is not there" {
	meta_run --kernel "$BATS_TEST_TMPDIR/missing" --tests base/pass
	[[ $status -eq 2 ]]
	one_line 'missing: No such file'
}

@test "a kernel cut short: lost" {
	head -c 3000000 "$KERNEL" >"$BATS_TEST_TMPDIR/bzImage"
	meta_run --kernel "$BATS_TEST_TMPDIR/bzImage" --tests base/pass
	[[ $status -eq 1 ]]
	verdict_is base/pass lost 'did not start'
	grep -q 'qemu' "$OUT/latest/machine-1/qemu.log"
}

@test "a kernel without its modules: the reason names what is missing" {
	cp "$KERNEL" "$BATS_TEST_TMPDIR/bzImage"
	meta_run --kernel "$BATS_TEST_TMPDIR/bzImage" --selftests "$REAL" --tests zap/munmap
	[[ $status -eq 1 || $status -eq 4 ]]
	[[ $(of zap/munmap .verdict) == lost || $(of zap/munmap .verdict) == skip ]]
	[[ $(of zap/munmap .reason) == *"modules for"* || $(of zap/munmap .reason) == */dev/kvm* ]]
}

@test "a kernel without KVM: a skip that names /dev/kvm, exit status 4" {
	meta_run --selftests "$REAL" --tests zap/munmap --append module_blacklist=kvm
	[[ $status -eq 4 ]]
	verdict_is zap/munmap skip '/dev/kvm'
}

@test "no QEMU" {
	mkdir "$BATS_TEST_TMPDIR/bin"
	ln -s "$(command -v busybox)" "$BATS_TEST_TMPDIR/bin/busybox"
	meta_command --tests base/pass
	run --separate-stderr env PATH="$BATS_TEST_TMPDIR/bin" "${COMMAND[@]}"
	[[ $status -eq 2 ]]
	one_line 'install qemu-system-x86'
}

@test "a test of that name is not there" {
	meta_run --tests nosuch
	[[ $status -eq 2 ]]
	one_line 'no test matches nosuch'
}

@test "numbers that are none" {
	meta_run --timeout soon
	[[ $status -eq 2 ]]
	one_line 'timeout soon: a whole number'
	SPTEST_SLOWNESS=0 meta_run --tests base/pass
	[[ $status -eq 2 ]]
	one_line 'SPTEST_SLOWNESS=0: a whole number'
}
