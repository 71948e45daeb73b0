#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# What every-day runs leave out: tests, and cases of a test of the selftests' library.

load helper

setup_file() {
	local build=${SPTEST_BUILD:-$BATS_TEST_DIRNAME/../../build} source

	meta_prepare
	source=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	"${CC:-cc}" -std=gnu17 -Wall -Wextra -Werror -D_GNU_SOURCE -I"$source/selftests" \
		-o "$PROVOKE/full/cases" "$source/tests/meta/cases.c" \
		"$build"/obj/selftests/lib.a "$build"/obj/selftests/libspte.a -lbpf -ljansson -pthread
}

teardown() {
	nothing_left
}

@test "an every-day run leaves them out and says so" {
	meta_run --tests 'full/*'
	[[ $status -eq 0 ]]
	[[ $(jq -r '[.tests[].name] | join(" ")' "$OUT/latest/summary.json") == full/cases ]]
	[[ $(of full/cases '[.cases[].name] | join(" ")') == "quick last" ]]
	grep -q '^1\.\.2$' "$OUT/latest/tests/full-cases/ktap"
	grep -q '^# left to --full: long (naps for an hour)$' "$OUT/latest/tests/full-cases/ktap"
	[[ $output == *"CHECK=full): 1 test, 1 case of others; sptest list says which and why"* ]]
	[[ $(jq -c .left "$OUT/latest/summary.json") == '[{"test":"full/cases","case":"long","reason":"naps for an hour"},{"test":"full/whole","case":null,"reason":"naps for an hour"}]' ]]
}

@test "a full run has them, and so has its reproduce.sh" {
	meta_run --tests 'full/*' --full
	[[ $status -eq 0 ]]
	[[ $(of full/cases '[.cases[].name] | join(" ")') == "quick long last" ]]
	verdict_is full/whole pass
	[[ $(jq -c '[.full, .left]' "$OUT/latest/summary.json") == '[true,[]]' ]]
	grep -q -- ' --full ' "$OUT/latest/tests/full-cases/reproduce.sh"
}

@test "nothing but tests that are left: one line, exit status 2" {
	meta_run --tests full/whole
	[[ $status -eq 2 ]]
	one_line 'full/whole is only in full runs \(naps for an hour\): add --full'
}

@test "sptest list says which and why" {
	run "$SPTEST" list --selftests "$PROVOKE" 'full/*'
	echo "$output"
	[[ $status -eq 0 ]]
	grep -qE '^ +only with --full: long: naps for an hour$' <<<"$output"
	grep -qE '^ +only with --full: naps for an hour$' <<<"$output"
}
