#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# The coherence check on a VM that is no test's own: QEMU's, while its memory is swapped and merged.
# SPTEST_ROUNDS=N: so many looks, live and as many with --freeze.

load helper
load qemu-guest

setup_file() {
	META_KERNEL=6.12 meta_prepare
	export PROVOKE=$BATS_TEST_DIRNAME/provoke-qemu
}

teardown() {
	nothing_left
}

@test "the sptes of a QEMU guest stay coherent while it is swapped and merged" {
	qemu_guest "$BATS_TEST_TMPDIR"
	echo "${SPTEST_ROUNDS:-4}" >"$BATS_TEST_TMPDIR/rounds"
	WITH+=(--with "$BATS_TEST_TMPDIR/rounds=rounds")
	meta_run --memory 768 --verbose "${WITH[@]}"
	grep '^# ' "$OUT/latest/tests/spte-pressure/ktap" | sed 's/^# /# spte: /' >&3
	[[ $status -eq 0 ]]
	verdict_is spte/pressure pass
	[[ $(of spte/pressure '.cases | length') -eq 8 ]]
}
