#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# The coherence check on a VM that is no test's own: QEMU's, while its memory is swapped and merged.
# SPTEST_ROUNDS=N: so many looks, live and as many with --freeze. SPTEST_LINUX_GUEST=1: also a Linux guest.

load helper
load qemu-guest

setup_file() {
	local sptest=${SPTEST:-$BATS_TEST_DIRNAME/../../build/sptest}

	LINUX=$("$sptest" kernels show --json 6.1 | jq -r .image)
	export LINUX
	META_KERNEL=6.12 meta_prepare
	export PROVOKE=$BATS_TEST_DIRNAME/provoke-qemu
}

teardown() {
	nothing_left
}

# under_pressure ROUNDS MIB-OF-THE-HOST
under_pressure() {
	echo "${SPTEST_ROUNDS:-$1}" >"$BATS_TEST_TMPDIR/rounds"
	WITH+=(--with "$BATS_TEST_TMPDIR/rounds=rounds")
	meta_run --memory "$2" --verbose "${WITH[@]}"
	grep '^# ' "$OUT/latest/tests/spte-pressure/ktap" | sed 's/^# /# spte: /' >&3
	# shellcheck disable=SC2154 # set by bats
	[[ $status -eq 0 ]]
	verdict_is spte/pressure pass
	[[ $(of spte/pressure '.cases | length') -eq 8 ]]
}

@test "the sptes of a QEMU guest stay coherent while it is swapped and merged" {
	qemu_guest "$BATS_TEST_TMPDIR"
	under_pressure 4 768
}

@test "those of a Linux guest under QEMU, too" {
	[[ ${SPTEST_LINUX_GUEST:-} == 1 ]] || skip "Linux takes a minute to boot as a guest under TCG: SPTEST_LINUX_GUEST=1"
	qemu_guest "$BATS_TEST_TMPDIR"
	linux_guest "$BATS_TEST_TMPDIR" "$LINUX"
	under_pressure 2 1536
}
