#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# sptest matrix on real machines: what a budget leaves, and what goes on.

bats_require_minimum_version 1.5.0

@test "a budget that is over is exit status 5, and the next time goes on" {
	sptest=${SPTEST:-$BATS_TEST_DIRNAME/../../build/sptest}
	# A path: for a version the indexes in the cache of whoever runs this would be read anew.
	image=$("$sptest" kernels show --json "${META_KERNEL:-6.1}" | jq -r .image)
	options=(--kernels "$image" --mmu "tdp,shadow" --tests zap/munmap --out "$BATS_TEST_TMPDIR/out")
	run --separate-stderr "$sptest" matrix "${options[@]}" --budget 1s
	echo "$output"
	[ "$status" -eq 5 ]
	# shellcheck disable=SC2154 # set by run --separate-stderr
	[[ $stderr != *"package indexes"* ]]
	[[ ${lines[0]} == "  ok "*" tdp "* ]]
	[[ ${lines[1]} == "  not run "*" shadow "*"  the budget is over" ]]
	[[ ${lines[2]} == *"1 ok, 0 failed, 0 skipped, 0 not tested, 1 to do of 2"* ]]
	run --separate-stderr "$sptest" matrix "${options[@]}"
	echo "$output"
	[ "$status" -eq 0 ]
	[[ ${lines[0]} == "  ok "*" shadow "* ]]
	[[ ${lines[1]} == *"2 ok, 0 failed, 0 skipped, 0 not tested, 0 to do of 2"* ]]
	[ "$("$sptest" results list --json --store "$BATS_TEST_TMPDIR/out/results.db" | jq length)" -eq 2 ]
}
