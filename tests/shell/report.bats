#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# sptest report: all forms from the command line. No machine is started here.

# stderr is set by run --separate-stderr.
# shellcheck disable=SC2154
bats_require_minimum_version 1.5.0

setup() {
	sptest=${SPTEST:-$BATS_TEST_DIRNAME/../../build/sptest}
	cd "$BATS_TEST_TMPDIR" || return
	folder r1 6.1.192 2026-01-01T00:00:00Z pass
	folder r2 6.12.74 2026-01-02T00:00:00Z fail
}

# folder NAME KERNEL STARTED VERDICT: a run of one test.
folder() {
	mkdir -p "$1/tests/zap-munmap"
	echo '[ 1.0] WARNING: CPU: 0 PID: 1 at mm/memory.c:1 f+0x1/0x2' >"$1/tests/zap-munmap/kernel.log"
	echo '#!/bin/sh' >"$1/tests/zap-munmap/reproduce.sh"
	jq -n --arg kernel "$2" --arg started "$3" --arg verdict "$4" '{
		format: 2, started: $started, duration_s: 2, mmu: "tdp", seed: 9, accel: {name: "tcg"},
		kernel: {release: ($kernel + "-cloud"), version: $kernel}, coverage: [{kind: "call sites",
			sites: [{name: "f+0x1", reached: true}, {name: "f+0x2", reached: false}]}],
		tests: [{name: "zap/munmap", mmu: "tdp", round: 1, verdict: $verdict, reason: "part: <x>",
			duration_s: 1, seed: 9, folder: "tests/zap-munmap", cases: [{name: "part", verdict: $verdict,
			reason: "guest: page 3 has a writable spte, expected none\nwhat happened:\n|  1.0 ms !! late"}]}]}' \
		>"$1/summary.json"
}

@test "all forms at once, each of them sound" {
	run --separate-stderr "$sptest" report --store s.db --html r.html --markdown r.md --junit r.xml \
		--ktap r.ktap --kcidb r.kcidb --json r.json r1 r2
	[ "$status" -eq 0 ]
	xmllint --noout r.html r.xml
	[ "$(jq .totals.tests r.json)" -eq 2 ]
	[ "$(jq '.tests | length' r.kcidb)" -eq 2 ]
	[ "$(xmllint --xpath 'string(/testsuites/@failures)' r.xml)" -eq 1 ]
	grep -q '^# Totals: pass:1 fail:1 xfail:0 xpass:0 skip:0 error:0$' r.ktap
	grep -q '1 passed, 1 failed, 0 skipped of 2' r.md
	grep -q '1 passed, 1 failed, 0 skipped of 2' r.html
}

@test "what is no file is written to, not replaced" {
	mkfifo pipe
	"$sptest" report --store s.db --json pipe r1 &
	[ "$(jq .totals.tests pipe)" -eq 1 ]
	wait
	[ -p pipe ]
}

@test "a failure has its sptes, timeline, kernel log, and how to run it again" {
	"$sptest" report --store s.db --html r.html r2
	[ "$(xmllint --xpath 'count(//details//td[.="a writable spte"])' r.html)" -eq 1 ]
	[ "$(xmllint --xpath 'count(//pre[contains(., "!! late")])' r.html)" -eq 1 ]
	[ "$(xmllint --xpath 'count(//pre[contains(., "WARNING: CPU")])' r.html)" -eq 1 ]
	[ "$(xmllint --xpath 'count(//code[. = "sptest run --kernel=6.12.74 --mmu=tdp --tests=zap/munmap --seed=9"])' r.html)" -eq 1 ]
	rm -r r2/tests
	"$sptest" report --store s.db --html r.html r2
	[ "$(xmllint --xpath 'count(//pre[contains(., "!! late")])' r.html)" -eq 1 ]
	[ "$(xmllint --xpath 'count(//pre[contains(., "WARNING: CPU")])' r.html)" -eq 0 ]
}

@test "a page needs nothing from elsewhere" {
	"$sptest" report --store s.db --html r.html r1 r2
	[ "$(xmllint --xpath 'count(//script | //link | //img | //iframe)' r.html)" -eq 0 ]
	run ! grep -Eq 'https?:' r.html
	grep -q 'prefers-color-scheme:dark' r.html
	grep -q 'width=device-width' r.html
	# A name that is cut off cannot be read without a pointer.
	run ! grep -q text-overflow r.html
}

@test "without a run: the newest of each kernel and mode, since a time" {
	"$sptest" results import --store s.db r1 r2
	folder r3 6.12.74 2026-01-03T00:00:00Z pass
	"$sptest" results import --store s.db r3
	"$sptest" report --store s.db --json r.json
	[ "$(jq -c '[.totals.tests, .totals.failures]' r.json)" = '[2,0]' ]
	"$sptest" report --store s.db --json - --since 2026-01-03 >r.json
	[ "$(jq .totals.tests r.json)" -eq 1 ]
	run --separate-stderr "$sptest" report --store s.db --since 2027
	[ "$status" -eq 2 ]
	[[ $stderr == *"no runs in s.db since 2027"* ]]
}

@test "Markdown by itself; what cannot be" {
	run --separate-stderr "$sptest" report --store s.db r2
	[ "$status" -eq 0 ]
	[[ ${lines[0]} == "# sptest: failed" ]]
	run --separate-stderr "$sptest" report --store s.db nosuch
	[ "$status" -eq 2 ]
	run --separate-stderr "$sptest" report --store s.db --html /nonexistent/r.html r1
	[ "$status" -eq 3 ]
	[[ $stderr == *"/nonexistent/r.html"* ]]
	run --separate-stderr "$sptest" report --store s.db --since 2026 r1
	[ "$status" -eq 2 ]
	run --separate-stderr "$sptest" report --pdf x
	[ "$status" -eq 2 ]
	"$sptest" results import --store s.db r1
	for since in 1 yesterday 20260101 2026-1-1 2026-01-01T00:00:00+01:00 ''; do
		run --separate-stderr "$sptest" report --store s.db --since "$since"
		[ "$status" -eq 2 ]
		[[ $stderr == *"--since $since: a time is wanted"* ]]
	done
	run --separate-stderr "$sptest" report --store s.db --kcidb - --junit - r1
	[ "$status" -eq 2 ]
	[[ $stderr == *"2 forms on standard output"* && -z $output ]]
	run --separate-stderr "$sptest" results --store none.db lists
	[ "$status" -eq 2 ]
	[[ $stderr == *"results lists: see sptest results --help"* ]]
}

@test "databases and run folders that are damaged are said in a line" {
	"$sptest" results import --store s.db r1 r2
	size=$(stat -c %s s.db)
	for part in 1 100 1000 5000 $((size / 2)) $((size - 1)); do
		head -c "$part" s.db >cut.db
		run --separate-stderr "$sptest" report --store cut.db --json cut.json
		[ "$status" -ne 0 ]
		[ "$status" -le 3 ]
		[ -n "$stderr" ]
	done
	size=$(stat -c %s r1/summary.json)
	for part in 0 1 100 $((size / 2)) $((size - 3)); do
		mkdir -p cut
		head -c "$part" r1/summary.json >cut/summary.json
		run --separate-stderr "$sptest" report --store new.db cut
		[ "$status" -eq 2 ]
		[[ $stderr == *cut/summary.json* ]]
	done
}

@test "mutants are in the page when a campaign is in the store" {
	mkdir campaign
	jq -n '{format: 1, started: "2026-01-03T00:00:00Z", kernel: "6.12.1-mutants", mmu: "tdp", duration_s: 9,
		mutants: [{name: "<b>", text: "t", commit: "", verdict: "survived", killer: "", reason: "", duration_s: 1, tried: 1},
			{name: "k", text: "t", commit: "", verdict: "killed", killer: "zap/munmap", reason: "r", duration_s: 1, tried: 1}]}' \
		>campaign/mutants.json
	"$sptest" report --store s.db --html r.html r1
	[ "$(xmllint --xpath 'count(//h2[@id="mutants"])' r.html)" -eq 0 ]
	run "$sptest" results import --store s.db campaign campaign
	[ "$status" -eq 0 ]
	[[ ${lines[0]} == "campaign: campaign 1" && ${lines[1]} == *"known already" ]]
	"$sptest" report --store s.db --html r.html r1
	grep -q '1 of 2 reached mutants killed' r.html
	[ "$(xmllint --xpath 'count(//td[.="<b>"])' r.html)" -eq 1 ]
	echo '{"format": 1}' >campaign/mutants.json
	run --separate-stderr "$sptest" results import --store s.db campaign
	[ "$status" -eq 2 ]
}

# campaign FOLDER KERNEL MMU SUITE VERDICT-OF-A VERDICT-OF-B
campaign() {
	mkdir "$1"
	jq -n --arg kernel "$2" --arg mmu "$3" --arg suite "$4" --arg a "$5" --arg b "$6" '{format: 1, started: "2026-01-03T00:00:00Z",
		kernel: $kernel, mmu: $mmu, suite: $suite, mutants: [
		{name: "a_off", text: "no flush", verdict: $a, killer: (if $a == "killed" then "zap/x" else "" end), reason: ""},
		{name: "b_off", text: "no zap", verdict: $b, killer: (if $b == "killed" then "zap/y" else "" end), reason: ""}]}' >"$1/mutants.json"
}

@test "campaigns stand beside each other: kernels, modes, sptest and upstream" {
	campaign c1 6.12.1-mutants shadow sptest killed killed
	campaign c2 6.12.1-mutants tdp upstream survived unreached
	campaign c3 7.3.4-mutants tdp sptest killed killed
	campaign c4 6.12.1-mutants tdp sptest killed survived
	"$sptest" results import --store s.db c1 c2 c3 c4 r1
	"$sptest" report --store s.db --html r.html --markdown r.md
	table='//table[@id="beside"]'
	[ "$(xmllint --xpath "count($table//tr[th='a_off']/td)" r.html)" -eq 4 ]
	[ "$(xmllint --xpath "string($table/thead/tr/th[2])" r.html)" = "6.12.1-mutants tdpsptest1/2" ]
	[ "$(xmllint --xpath "string($table/thead/tr/th[3])" r.html)" = "6.12.1-mutants tdpupstream0/1" ]
	[ "$(xmllint --xpath "string($table/thead/tr/th[4])" r.html)" = "6.12.1-mutants shadowsptest2/2" ]
	[ "$(xmllint --xpath "string($table//tr[th='b_off']/td[1])" r.html)" = survived ]
	[ "$(xmllint --xpath "string($table//tr[th='b_off']/td[4])" r.html)" = zap/y ]
	[ "$(xmllint --xpath "string($table//tr[th='b_off']/td[4]/@class)" r.html)" = p ]
	grep -qF '| mutant | what it stands for | 6.12.1-mutants tdp sptest | 6.12.1-mutants tdp upstream | 6.12.1-mutants shadow sptest | 7.3.4-mutants tdp sptest |' r.md
	grep -qF '| a\_off | no flush | killed by zap/x | survived | killed by zap/x | killed by zap/x |' r.md
}

@test "Markdown has all that the page has" {
	mkdir many
	jq '.tests = [range(60) | {name: "zap/t\(.)", mmu: "tdp", round: 1, verdict: "fail", reason: "why \(.)", seed: ., folder: null,
		duration_s: 1, cases: [{name: "part\(.)", verdict: "fail",
		reason: "guest: page \(.) has a writable spte, expected none\nwhat happened:\n|  1.0 ms !! late"}]}] +
		[{name: "zap/s", mmu: "tdp", round: 1, verdict: "skip", reason: "no KVM"}]' r2/summary.json >many/summary.json
	"$sptest" report --store s.db --markdown r.md many r1 r2
	for ((i = 0; i < 60; i++)); do
		grep -qxF "### zap/t$i, 6.12.74 tdp: fail" r.md
		grep -qxF "sptest run --kernel=6.12.74 --mmu=tdp --tests=zap/t$i --seed=$i" r.md
		grep -qxF "| guest | $i | a writable spte | none |" r.md
	done
	grep -q '!! late' r.md
	grep -q '^\[ 1.0\] WARNING: CPU: 0' r.md
	grep -qF '| zap/s |  | no KVM | 6.12.74 tdp |' r.md
	grep -qF '| test | 6.1.192 tdp | 6.12.74 tdp |' r.md
	grep -qxF '| zap/munmap | pass | fail |' r.md
	grep -qxF '| zap/t3 |  | fail |' r.md
	grep -qxF '| call sites | 6.1.192 1/2 | 6.12.74 1/2 |' r.md
	grep -qxF '| f | 1/2 | 1/2 |' r.md
}

@test "a store of campaigns alone has a report in every form" {
	mkdir campaign
	jq -n '{format: 1, started: "2026-01-03T00:00:00Z", kernel: "k|x\n## H", mmu: "tdp", mutants: [{name: "a|b`", verdict: "killed"}]}' \
		>campaign/mutants.json
	"$sptest" results import --store c.db campaign
	run --separate-stderr "$sptest" report --store c.db --html r.html --markdown r.md --junit r.xml --ktap r.ktap --kcidb r.kcidb --json r.json
	[ "$status" -eq 0 ]
	xmllint --noout r.html r.xml
	jq . r.kcidb r.json >/dev/null
	grep -qF "| k\\|x \\#\\# H | tdp | sptest | 2026-01-03T00:00:00Z | 1 of 1 |" r.md
	run --separate-stderr "$sptest" results mutants --store c.db
	[[ $output != *$'\n'"## H"* ]]
	[[ $output == *'| k\|x \#\# H | tdp | `a\|b'"'"'` | killed |  |' ]]
	run --separate-stderr "$sptest" report --store c.db --since 2027
	[ "$status" -eq 2 ]
}

@test "a database that is not there is not made to be looked at" {
	run --separate-stderr "$sptest" results list --store typo.db
	[ "$status" -eq 2 ]
	[[ $stderr == *"typo.db: there is no such database"* ]]
	[ ! -e typo.db ]
}

@test "a store goes elsewhere and comes back as it was" {
	"$sptest" results import --store a.db r1 >/dev/null
	"$sptest" results import --store b.db r2 r1 >/dev/null
	run "$sptest" results export --store b.db c.db
	[ "$status" -eq 0 ]
	[ "$output" = "b.db: 2 new" ]
	run "$sptest" results import --store a.db c.db c.db
	[ "${lines[0]}" = "c.db: 1 new" ]
	[ "${lines[1]}" = "c.db: 0 new" ]
	for db in a b c; do
		"$sptest" report --store "$db.db" --json - |
			jq -S '[.tests[] | del(.run)], .coverage, .totals' >"$db.json"
	done
	cmp a.json b.json
	cmp b.json c.json
	echo "a letter, and not a database at all, of some length and more than that" >letter
	run --separate-stderr "$sptest" results import --store a.db letter
	[ "$status" -eq 2 ]
	[[ $stderr == *letter* ]]
}

# figures FOLDER DAY VALUES: a run whose only test measured these.
figures() {
	mkdir -p "$1"
	jq -n --arg day "$2" --argjson values "$3" '{format: 2, started: "\($day)T00:00:00Z", duration_s: 2, mmu: "tdp", seed: 9,
		accel: {name: "tcg"}, kernel: {release: "6.12.74-cloud", version: "6.12.74"}, coverage: [], tests: [{
		name: "bench/run", mmu: "tdp", round: 1, verdict: "pass", figures: {check_s: {unit: "s", less_is_better: true,
		values: $values}}}]}' >"$1/summary.json"
}

@test "figures: worse, better, noise, too few samples" {
	figures a 2026-01-01 '[10, 10.1, 9.9, 10.2, 9.8]'
	figures b 2026-01-02 '[12, 12.1, 11.9, 12.2, 11.8]'
	figures c 2026-01-03 '[10.3]'
	run "$sptest" compare --store f.db --figures a b
	[ "$status" -eq 1 ]
	[[ $output == *worse*check_s*"5 and 5 samples, chance 0.00794"*"1 worse, 0 better, 0 the same, 0 with too few samples" ]]
	run "$sptest" compare --store f.db --figures b a
	[ "$status" -eq 0 ]
	[[ $output == *better* ]]
	run "$sptest" compare --store f.db --figures a a
	[ "$status" -eq 0 ]
	[[ $output == *same* ]]
	run "$sptest" compare --store f.db --figures a c
	[ "$status" -eq 0 ]
	[[ $output == *"too few samples"* ]]
	run --separate-stderr "$sptest" compare --store f.db --figures a r1
	[ "$status" -eq 2 ]
	[[ $stderr == *"no figure was measured in both"* ]]
	# across nights: all samples of a date, of several, of all before
	for words in '2026-01-01 2026-01-02' '6.12 2026-01-02' 'earlier 2026-01-02' '2026-01-01 1,3'; do
		read -ra words <<<"$words"
		run "$sptest" compare --store f.db --figures "${words[@]}"
		[ "$status" -eq 1 ]
	done
	[[ $output == *"5 and 6 samples"* ]]
	run "$sptest" compare --store f.db --figures --changed 2 3
	[ "$status" -eq 0 ]
	[[ $output != *check_s* && $output == *"1 with too few samples"* ]]
	[ "$("$sptest" compare --store f.db --figures --json 2 1 | jq -c '[.totals.worse, .figures[0].samples_a, .b]')" = '[1,5,[1]]' ]
	run --separate-stderr "$sptest" compare --store f.db --changed a b
	[ "$status" -eq 2 ]
}

@test "mutants and figures for programs" {
	campaign c1 6.12.1-mutants tdp sptest killed survived
	campaign c2 6.12.1-mutants tdp upstream survived unreached
	figures a 2026-01-01 '[1, 2]'
	"$sptest" results import --store s.db c1 c2 a
	"$sptest" results mutants --json --store s.db >m.json
	[ "$(jq -c '[.format, (.campaigns[] | [.suite, .killed, .survived, .unreached, .broken])]' m.json)" = \
		'[1,["sptest",1,1,0,0],["upstream",0,1,1,0]]' ]
	[ "$(jq -c '.mutants[] | select(.name == "a_off") | [.kernel, .mmu, .suite, .text, .verdict, .killer]' m.json)" = \
		'["6.12.1-mutants","tdp","sptest","no flush","killed","zap/x"]
["6.12.1-mutants","tdp","upstream","no flush","survived",""]' ]
	[ "$("$sptest" results figures bench/run --json --store s.db | jq -c '[.test, (.figures[] | [.name, .mean, .values, .less_is_better])]')" = \
		'["bench/run",["check_s",1.5,2,true]]' ]
	run --separate-stderr "$sptest" results figures zap/none --json --store s.db
	[ "$status" -eq 2 ]
	[ -z "$output" ]
	"$sptest" results import --store r.db r1
	run --separate-stderr "$sptest" results mutants --json --store r.db
	[ "$status" -eq 0 ]
	[ "$(jq -c '[.campaigns, .mutants]' <<<"$output")" = '[[],[]]' ]
	run --separate-stderr "$sptest" results mutants --store r.db
	[ "$status" -eq 2 ]
	[[ -z $output && $stderr == *"no campaign of mutants"* ]]
}

# night DAY VERDICT-OF-6.1: runs of 6.1 and, begun later, of 6.12, which passes.
night() {
	folder "n$1a" 6.1.192 "2026-02-0$1T00:00:00Z" "$2"
	folder "n$1b" 6.12.74 "2026-02-0$1T01:00:00Z" pass
	"$sptest" results import --store s.db "n$1a" "n$1b" >/dev/null
}

# change FILE FILTER: edits a JSON file.
change() {
	jq "$2" "$1" >new.json
	mv new.json "$1"
}

@test "compare: a night's regression is seen in whichever run, both ways round" {
	night 1 pass
	night 2 fail
	run "$sptest" compare --store s.db 2026-02-01 2026-02-02
	[ "$status" -eq 1 ]
	[[ $output == *"A  run 1: 6.1.192"*"B  run 3: 6.1.192"*"regression   zap/munmap"*"A  run 2: 6.12.74"*"B  run 4: 6.12.74"* ]]
	[[ ${lines[-1]} == "total of 2 comparisons: 1 regression, 1 unchanged" ]]
	run "$sptest" compare --store s.db 2026-02-02 2026-02-01
	[ "$status" -eq 0 ]
	[[ ${lines[-1]} == "total of 2 comparisons: 0 regressions, 1 fix, 1 unchanged" ]]
	run "$sptest" compare --store s.db last-green 2026-02-02
	[ "$status" -eq 1 ]
	[[ $output == *"A  run 1: "*"B  run 3: "*"A  run 2: "*"B  run 4: "* ]]
	"$sptest" compare --store s.db --json 2026-02-02 2026-02-01 >c.json
	[ "$(jq -c '[keys, (.comparisons | map([.a, .b, .totals.fix])), .only_a, .only_b]' c.json)" = \
		'[["comparisons","only_a","only_b"],[[3,1,1],[4,2,0]],[],[]]' ]
}

@test "compare: modes are not mixed, and who has no partner is named" {
	"$sptest" results import --store s.db r1 r2 >/dev/null
	folder r3 6.12.74 2026-01-03T00:00:00Z fail
	change r3/summary.json '.mmu = "shadow" | .tests[].mmu = "shadow"'
	"$sptest" results import --store s.db r3 >/dev/null
	run "$sptest" compare --store s.db 6.1 6.12
	[ "$status" -eq 1 ]
	[[ ${lines[0]} == "A  run 1: 6.1.192-cloud, mmu tdp, "* ]]
	[[ ${lines[1]} == "B  run 2: 6.12.74-cloud, mmu tdp, "* ]]
	[[ ${lines[-1]} == "only in B: run 3: 6.12.74-cloud, mmu shadow, "* ]]
	run "$sptest" compare --store s.db 6.12 6.1
	[ "$status" -eq 0 ]
	[[ ${lines[-1]} == "only in A: run 3: "* ]]
	[ "$("$sptest" compare --store s.db --json 6.12 6.1 | jq -c '[.a, .b, .totals.fix, .only_a, .only_b]')" = '[2,1,1,[3],[]]' ]
	[ "$("$sptest" compare --store s.db --json 2 1 | jq -c keys)" = '["a","b","cured","format","tests","totals"]' ]
	run "$sptest" compare --store s.db 1 3
	[ "$status" -eq 0 ]
	[[ $output != *"only in"* ]]
}

@test "compare: nothing that pairs, nothing that is green, no such run, is a line" {
	"$sptest" results import --store s.db r1 r2 >/dev/null
	change r2/summary.json '.mmu = "direct"'
	"$sptest" results import --store direct.db r1 r2 >/dev/null
	run --separate-stderr "$sptest" compare --store direct.db 6.1 6.12
	[ "$status" -eq 2 ]
	[[ -z $output && $stderr == *"6.1 and 6.12: nothing to compare"* && $stderr != *$'\n'* ]]
	run --separate-stderr "$sptest" compare --store s.db 2026-01-01 2026-01-02
	[ "$status" -eq 2 ]
	[[ $stderr == *"nothing to compare"* && $stderr != *$'\n'* ]]
	run --separate-stderr "$sptest" compare --store s.db last-green 2026-01-02
	[ "$status" -eq 2 ]
	[[ $stderr == *"last-green: no green run"* && $stderr != *$'\n'* ]]
	for word in % '6.1_' '6._'; do
		run --separate-stderr "$sptest" compare --store s.db 6.1 "$word"
		[ "$status" -eq 2 ]
		[[ $stderr == *"$word: neither a run folder nor"* ]]
	done
}

@test "words that find nothing make no database, folders do" {
	for words in "compare a b" "compare r1 b" "compare last-green r1" "report a"; do
		# shellcheck disable=SC2086 # words
		run --separate-stderr "$sptest" $words
		[ "$status" -eq 2 ]
		[[ $stderr == *"no database results/runs/results.db"* && $stderr != *$'\n'* ]]
		# shellcheck disable=SC2086 # words
		run "$sptest" $words --store x.db
		[ "$status" -eq 2 ]
		[ ! -e results ]
		[ ! -e x.db ]
	done
	for words in report "results list" "results prune --keep 3"; do
		# shellcheck disable=SC2086 # words
		run --separate-stderr "$sptest" $words
		[ "$status" -eq 2 ]
		[[ $stderr == *"results/runs/results.db: there is no such database" && $stderr != *$'\n'* ]]
		[ ! -e results ]
	done
	run "$sptest" compare r1 r2
	[ "$status" -eq 1 ]
	[ -e results/runs/results.db ]
}
