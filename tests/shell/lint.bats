#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only

@test "every shell file is clean under shellcheck" {
	run "$BATS_TEST_DIRNAME/../../ci/lint" shell
	echo "$output"
	[ "$status" -eq 0 ]
}

@test "lint refuses a check that it does not have" {
	run "$BATS_TEST_DIRNAME/../../ci/lint" nosuch
	[ "$status" -eq 2 ]
	[[ $output == *"no such check: nosuch"* ]]
}
