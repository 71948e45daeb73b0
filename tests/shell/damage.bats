#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# Run folders and stores that are damaged, and writers that are killed: a line each, and what is whole is taken in.

# stderr is set by run --separate-stderr.
# shellcheck disable=SC2154
bats_require_minimum_version 1.5.0

setup() {
	source=${SPTEST_SOURCE:-$BATS_TEST_DIRNAME/../..}
	sptest=$(realpath "${SPTEST:-$source/build/sptest}")
	cd "$BATS_TEST_TMPDIR" || return
}

# folder NAME NUMBER [TESTS]: a run; TESTS is a JSON array.
folder() {
	local one='[{"name": "zap/munmap", "mmu": "tdp", "verdict": "pass"}]'

	mkdir -p "$1"
	jq -n --argjson number "$2" --argjson tests "${3:-$one}" '{
		format: 2, started: "2026-01-01T00:00:00Z", duration_s: 2, mmu: "tdp", seed: $number, accel: {name: "tcg"},
		kernel: {release: "6.\($number)-cloud", version: "6.\($number)"}, coverage: [], $tests}' >"$1/summary.json"
}

# runs STORE: their number and the kernels.
runs() {
	"$sptest" results list --json --store "$1" | jq -r '"\(length): \(map(.kernel) | sort | join(" "))"'
}

@test "one damaged folder does not keep the others out" {
	folder whole 1
	folder cut 2
	folder other 3
	head -c 100 cut/summary.json >part && mv part cut/summary.json
	mkdir none
	run --separate-stderr "$sptest" results import --store s.db whole cut none nosuch other
	[ "$status" -eq 2 ]
	[ "${#stderr_lines[@]}" -eq 3 ]
	[[ ${stderr_lines[0]} == *cut/summary.json* && ${stderr_lines[1]} == *none/summary.json* &&
		${stderr_lines[2]} == *nosuch/summary.json* ]]
	[ "$(runs s.db)" = "2: 6.1-cloud 6.3-cloud" ]
	folder cut 2
	run --separate-stderr "$sptest" results import --store s.db whole cut other
	[ "$status" -eq 0 ]
	[ "$(runs s.db)" = "3: 6.1-cloud 6.2-cloud 6.3-cloud" ]
}

@test "nor does a damaged database, which stays as it is" {
	folder a 1
	folder b 2
	"$sptest" results import --store a.db a
	"$sptest" results import --store b.db b
	head -c 5000 b.db >cut.db
	cp cut.db before
	run --separate-stderr "$sptest" results import --store s.db cut.db a.db
	[ "$status" -eq 2 ]
	[[ $stderr == *cut.db* && $stderr != *$'\n'* ]]
	cmp cut.db before
	[ "$(runs s.db)" = "1: 6.1-cloud" ]
	run --separate-stderr "$sptest" results import --store cut.db a
	[ "$status" -eq 3 ]
	[[ $stderr == *cut.db*"make a new one of the run folders"* && $stderr != *$'\n'* ]]
	cmp cut.db before
}

@test "damage is said in every command, with the exit status of a database that cannot be used" {
	folder a 1
	folder b 2
	"$sptest" results import --store s.db a b
	{
		head -c 16 /dev/urandom
		tail -c +17 s.db
	} >cut.db
	for words in 'results list' 'results show' 'results trend zap/munmap' 'results mutants' 'results prune --keep 1' \
		'compare 1 2' 'compare last-green 2' 'compare 2026-01-01 2026-01-01' report 'report 1' 'results export e.db'; do
		# shellcheck disable=SC2086 # words
		run --separate-stderr "$sptest" $words --store cut.db
		[ "$status" -eq 3 ]
		[ -z "$output" ]
		[[ $stderr == *"cut.db: file is not a database"* && $stderr != *$'\n'* ]]
	done
	[ ! -e e.db ]
}

@test "a run without tests, and one whose files are gone, have all reports" {
	folder empty 1 '[]'
	folder bare 2 '[{"name": "a/b", "mmu": "tdp", "verdict": "fail", "reason": "r", "folder": "tests/a-b"}]'
	mkdir -p bare/tests/a-b
	printf '[ 1.0] WARN\xff' >bare/tests/a-b/kernel.log
	printf '<cut' >bare/junit.xml
	printf 'KTAP version 1\n1..9\nok 1' >bare/ktap
	run --separate-stderr "$sptest" report --store s.db --html r.html --markdown r.md --junit r.xml --ktap r.ktap \
		--kcidb r.kcidb --json r.json empty bare
	[ "$status" -eq 0 ]
	[ -z "$stderr" ]
	xmllint --noout r.html r.xml
	jq . r.kcidb >/dev/null
	[ "$(jq -c '[.totals.tests, .totals.failures, (.runs | map(.totals.tests))]' r.json)" = '[1,1,[0,1]]' ]
	[ "$(runs s.db)" = "2: 6.1-cloud 6.2-cloud" ]
	run "$sptest" compare --store s.db 1 2
	[ "$status" -eq 0 ]
	[[ $output == *"new "*"a/b"*"1 new"* ]]
	run "$sptest" report --store s.db 1
	[[ $output == *"nothing proven"* ]]
}

@test "an import that is killed again and again comes to what it would have" {
	for number in {1..40}; do
		folder "r$number" "$number"
	done
	before=0
	for part in 0.02 0.04 0.06 0.08; do
		"$sptest" results import --store s.db r{1..40} &>/dev/null &
		sleep "$part"
		kill -9 $! 2>/dev/null || true
		wait $! || true
		[ -e s.db ] || continue
		now=$("$sptest" results list --json --store s.db | jq length)
		[ "$now" -ge "$before" ]
		before=$now
	done
	"$sptest" results import --store s.db r{1..40}
	[ "$("$sptest" results list --json --store s.db | jq -c '[length, (map(.tests) | add), (map(.kernel) | unique | length)]')" = '[40,40,40]' ]
}

@test "cells that are damaged or left nothing are said, and the rest is reported" {
	folder out/cells/1/20260101-000000-a 1
	folder out/cells/2/20260101-000000-b 2
	folder out/cells/4/20260101-000000-d 4
	head -c 50 out/cells/2/20260101-000000-b/summary.json >part
	mv part out/cells/2/20260101-000000-b/summary.json
	mkdir -p out/cells/3/20260101-000000-c
	printf 'sptest run --kernel=6.%d\n' 1 2 3 4 >out/commands
	SPTEST=$sptest run --separate-stderr "$source/ci/engines/merge" "$PWD/out"
	[ "$status" -eq 3 ]
	[[ $stderr == *"cell 3 left no run: sptest run --kernel=6.3"*"cells/2/20260101-000000-b/summary.json: "* ]]
	[ "${#stderr_lines[@]}" -eq 2 ]
	[ "$(jq -c '[.totals.tests, .totals.failures]' out/report.json)" = '[2,0]' ]
	[ "$(runs out/results.db)" = "2: 6.1-cloud 6.4-cloud" ]
	folder out/cells/2/20260101-000000-b 2
	folder out/cells/3/20260101-000000-c 3
	SPTEST=$sptest run --separate-stderr "$source/ci/engines/merge" "$PWD/out"
	[ "$status" -eq 0 ]
	[ "$(jq .totals.tests out/report.json)" -eq 4 ]
}
