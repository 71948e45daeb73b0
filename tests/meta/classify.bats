#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# --classify: base/seed fails always, again/behind only behind another test, again/sometimes now and then.

load helper

setup_file() {
	meta_prepare
}

teardown() {
	nothing_left
}

# again_of NAME: where it was run again.
again_of() {
	echo "$OUT/latest/$(of "$1" .folder)/again"
}

@test "deterministic and flaky; the first verdict stands" {
	meta_run --tests 'again/before,again/behind,base/pass,base/seed' --seed 7 --classify 2
	[[ $status -eq 1 ]]
	verdict_is base/seed fail
	verdict_is again/behind fail '^clean'
	[[ $(of base/seed .class) == deterministic ]]
	[[ $(of again/behind .class) == "flaky 0/2" ]]
	[[ $(of base/pass .class) == null ]]
	[[ $(jq .totals.tests "$OUT/latest/summary.json") == 4 ]]
	[[ $output == *"base/seed   deterministic"* ]]
	[[ $output == *"again/behind   flaky 0/2"* ]]
}

@test "again means a fresh machine and the same seed, and leaves its own folders" {
	local again

	meta_run --tests 'base/seed' --seed 7 --repeat 2 --classify 2
	again=$OUT/latest/tests/base-seed.2/again
	[[ $(grep -h '^# seed' "$again"/tests/base-seed{,.2}/ktap | uniq) == "# seed 8" ]]
	[[ $(find "$again" -maxdepth 1 -name 'machine-*' | wc -l) -eq 2 ]]
	[[ $(machine_count) -eq 1 ]]
	grep -q -- '--seed 8 ' "$again/tests/base-seed.2/reproduce.sh"
}

@test "the label is what the runs came to" {
	local failed label

	meta_run --tests 'again/before,again/sometimes' --classify 3
	failed=$(grep -l '^fail' "$(again_of again/sometimes)"/tests/*/verdict | wc -l)
	label="flaky $failed/3"
	[[ $failed -ne 3 ]] || label=deterministic
	[[ $(of again/sometimes .class) == "$label" ]]
}

@test "store and reports have it" {
	meta_run --tests base/seed --classify 1
	run -0 "$SPTEST" report --store "$OUT/results.db" --json - --html "$OUT/r.html" --markdown "$OUT/r.md" \
		--junit "$OUT/r.xml" --kcidb "$OUT/r.kcidb" latest
	[[ $(jq -r '.tests[0].class' <<<"$output") == deterministic ]]
	[[ $(jq -r '.tests[0].misc.class' "$OUT/r.kcidb") == deterministic ]]
	grep -q '<span class="tag k">deterministic</span>' "$OUT/r.html"
	grep -q '^### base/seed, .*: fail, deterministic$' "$OUT/r.md"
	grep -q '^run again: deterministic$\|>run again: deterministic$' "$OUT/r.xml"
	run "$SPTEST" compare --store "$OUT/results.db" 1 1
	[[ $output == *"deterministic: fine: seed"* ]]
	rm "$OUT"/r.*
}

@test "nothing failed: nothing runs again" {
	meta_run --tests base/pass --classify 3
	[[ $status -eq 0 ]]
	[[ $(machine_count) -eq 1 ]]
	[[ ! -e $OUT/latest/tests/base-pass/again ]]
}

@test "interrupted on the way: the verdicts are kept, nothing is labelled" {
	meta_start --tests base/seed --classify 1000
	until_true again_began
	kill -INT "$PID"
	meta_wait
	[[ $ENDED -eq 130 ]]
	verdict_is base/seed fail
	[[ $(of base/seed .class) == null ]]
}

again_began() {
	[[ -e $OUT/latest/tests/base-seed/again/tests/base-seed/verdict ]]
}

@test "on this machine there is no fresh one" {
	run --separate-stderr "$SPTEST" run --here --classify 2
	[[ $status -eq 2 ]]
	one_line 'no fresh machines'
}
