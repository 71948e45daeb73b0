#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# 100,000 results: two nights of ten kernels, 1,000 tests of five cases each. Everything goes through, and every total
# is what went in. How long it takes, make bench says.

bats_require_minimum_version 1.5.0

# night DAY FAILS: a run folder for each kernel; of a hundred tests the one of number FAILS fails, five are skipped.
night() {
	local kernel text

	text=$(jq -nc --arg day "$1" --argjson fails "$2" '{
		format: 2, started: "\($day)T00:00:00Z", duration_s: 100, mmu: "tdp", seed: 1, accel: {name: "tcg"}, coverage: [],
		kernel: {release: "6.KERNEL.1-x", version: "6.KERNEL.1"},
		tests: [range(1000) | (if . % 100 == $fails then "fail" elif . % 20 == 3 then "skip" else "pass" end) as $verdict |
			{name: "group\(. / 20 | floor)/test\(.)", mmu: "tdp", round: 1, duration_s: 1, $verdict, reason: "why",
			cases: [range(5) | {name: "case\(.)", verdict: $verdict, reason: "why"}]}]}')
	for kernel in {1..10}; do
		mkdir -p "$1/$kernel"
		printf '%s\n' "${text//KERNEL/$kernel}" >"$1/$kernel/summary.json"
	done
}

setup_file() {
	local source=${SPTEST_SOURCE:-$BATS_TEST_DIRNAME/../..}

	sptest=$(realpath "${SPTEST:-$source/build/sptest}")
	export sptest
	cd "$BATS_FILE_TMPDIR" || return
	night 2026-01-01 7
	night 2026-01-02 8
	"$sptest" results import --store s.db 2026-01-01/* 2026-01-02/* >imported
}

setup() {
	cd "$BATS_FILE_TMPDIR" || return
}

@test "all are taken in, once" {
	[ "$(wc -l <imported)" -eq 20 ]
	run "$sptest" results import --store s.db 2026-01-01/* 2026-01-02/*
	[ "$(grep -c 'known already$' <<<"$output")" -eq 20 ]
	run "$sptest" results export --store s.db copy.db
	[ "$output" = "s.db: 20 new" ]
}

@test "list, show and trend" {
	"$sptest" results list --json --store s.db >list.json
	[ "$(jq -c '[length, (map(.tests) | unique), (map(.failures) | unique)]' list.json)" = '[20,[1000],[10]]' ]
	[ "$("$sptest" results list --store s.db | grep -c ' 1000      10  ')" -eq 20 ]
	# A line of titles, and ten verdicts a test: the newest.
	"$sptest" results show --store s.db >show.txt
	[ "$(wc -l <show.txt)" -eq 1001 ]
	[ "$(grep -ow fail show.txt | wc -l)" -eq 100 ]
	[ "$(grep -ow skip show.txt | wc -l)" -eq 500 ]
	[ "$(grep -ow pass show.txt | wc -l)" -eq 9400 ]
	"$sptest" results trend group0/test7 --store s.db >trend.txt
	[ "$(grep -c ' fail ' trend.txt)" -eq 10 ]
	[ "$(grep -c ' pass ' trend.txt)" -eq 10 ]
}

@test "two nights compared, both ways round" {
	run "$sptest" compare --store s.db 2026-01-01 2026-01-02
	[ "$status" -eq 1 ]
	[ "${lines[-1]}" = "total of 10 comparisons: 100 regressions, 100 fix, 9800 unchanged" ]
	[ "$(grep -c '^  regression   group.* pass -> fail ' <<<"$output")" -eq 100 ]
	"$sptest" compare --store s.db --json 2026-01-02 2026-01-01 >compare.json || true
	[ "$(jq -c '[.comparisons[].totals | [.regression, .fix]] | unique' compare.json)" = '[[10,10]]' ]
}

@test "a report of all of them, every form with the same totals" {
	"$sptest" report --store s.db --html r.html --markdown r.md --junit r.xml --ktap r.ktap --kcidb r.kcidb --json r.json {1..20}
	[ "$(jq -c '.totals | [.tests, .failures, .pass, .skip]' r.json)" = '[20000,200,18800,1000]' ]
	[ "$(jq '.tests | length' r.json)" -eq 20000 ]
	[ "$(jq -c '[(.tests | length), (.builds | length), (.tests | map(select(.status == "FAIL")) | length)]' r.kcidb)" = '[20000,20,200]' ]
	xmllint --noout --huge r.html r.xml
	grep -q '<testsuites [^>]*tests="20000" [^>]*failures="200"' r.xml
	[ "$(grep -c '<testcase ' r.xml)" -eq 20000 ]
	grep -q '^# Totals: pass:18800 fail:200 xfail:0 xpass:0 skip:1000 error:0$' r.ktap
	grep -q '18800 passed, 200 failed, 1000 skipped of 20000' r.md
	grep -q '18800 passed, 200 failed, 1000 skipped of 20000' r.html
}
