#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154 # variables of bats
# The installed tests on a real kernel, without sptest running them.

load helper

setup_file() {
	local source build

	meta_prepare
	source=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	build=${SPTEST_BUILD:-$source/build}
	env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS -u TARGETS make -s -C "$source/selftests" gen_tar \
		TARGETS=zap OUTPUT="$build/libexec/selftests" INSTALL_PATH="$BATS_FILE_TMPDIR/kselftest"
}

teardown() {
	nothing_left
}

@test "run_kselftest.sh runs a test in a machine" {
	run --separate-stderr "$SPTEST" shell --kernel "$KERNEL" --accel tcg --tests zap/munmap \
		--with "$BATS_FILE_TMPDIR/kselftest/kselftest-packages/kselftest.tar.gz" <<-'END'
		mkdir /kselftest
		tar -xzf /files/kselftest.tar.gz -C /kselftest
		KSFT_MACHINE_SLOW=yes /kselftest/run_kselftest.sh -t zap:munmap
		exit
	END
	echo "$output"
	echo "$stderr"
	[[ $status -eq 0 ]]
	[[ $output == *"TAP version 13"*"1..1"*"# KTAP version 1"* ]]
	grep -q '^# ok 1 whole' <<<"${output//$'\r'/}"
	grep -q '^ok 1 selftests: zap: munmap$' <<<"${output//$'\r'/}"
}
