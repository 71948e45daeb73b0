#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# Names and reasons with quotes, markup, ends of lines and commands of terminals, through what sptest prints of a store.
# Its files, the reports, are held by tests/unit/test_report.c.

bats_require_minimum_version 1.5.0

setup() {
	sptest=$(realpath "${SPTEST:-$BATS_TEST_DIRNAME/../../build/sptest}")
	cd "$BATS_TEST_TMPDIR" || return
	jq -n '["q/\"it'"'"'s\"", "<b>/<script>", "a/line\nbreak", "a/tab\tand\rreturn", "a/\u001b[31mred\u009b2J", "é/日本😀",
		"a/%s%n", "a/$(touch gone)`touch gone`", "a/'"'"'; DROP TABLE run;--", "-/--store=x", "a/# SKIP no", "a/]]>", "a/\u202egnp.exe", "a/\u2066b\u200f", "a/\u2028b\u0085c"]' >names
	folder 1 pass
	folder 2 fail
	"$sptest" results import --store s.db r1 r2 >/dev/null
}

# folder NUMBER VERDICT
folder() {
	mkdir -p "r$1"
	jq --argjson number "$1" --arg verdict "$2" '. as $names | {format: 2, started: "2026-01-0\($number)T00:00:00Z", duration_s: 2,
		mmu: "tdp", seed: $number, accel: {name: "tcg"}, kernel: {release: "6.12\u001b]0;x\u0007", version: "6.12"}, coverage: [],
		tests: [$names[] | {name: ., mmu: "tdp", round: 1, verdict: $verdict, reason: ., cases: [{name: ., verdict: $verdict,
		reason: .}]}]}' names >"r$1/summary.json"
}

# Reads text: no line has a control character of ASCII or of C1, nor one that turns the direction of writing or ends a line.
is_harmless() {
	! LC_ALL=C grep -q $'[\001-\010\013-\037\177]\\|\302[\200-\237]\\|\330\234\\|\342\200[\216\217\250-\256]\\|\342\201[\246-\251]'
}

@test "each test is a line, without what a terminal takes for a command" {
	for words in 'results list' 'results show' 'compare 1 2' 'report --markdown -' 'report --ktap -'; do
		# shellcheck disable=SC2086 # words
		"$sptest" $words --store s.db >out || true
		is_harmless <out || { echo "$words"; cat -A out; false; }
	done
	[ "$("$sptest" results show --store s.db | wc -l)" -eq 16 ]
	"$sptest" compare --store s.db 1 2 >out || true
	[ "$(grep -c '^  regression  ' out)" -eq 15 ]
	[ ! -e gone ]
}

@test "programs get the names whole, and find them again" {
	"$sptest" compare --store s.db --json 1 2 >out.json || true
	[ "$(jq '.tests | length' out.json)" -eq 15 ]
	"$sptest" report --store s.db --json - 2 | jq -r '.tests[].name' >found
	[ "$(wc -l <found)" -eq 15 ]
	while IFS= read -r name; do
		"$sptest" results trend --store s.db -- "$name" >out
		[ "$(wc -l <out)" -eq 2 ]
		is_harmless <out
	done <found
	grep -qx 'é/日本😀' found
	grep -qxF "a/'; DROP TABLE run;--" found
	grep -qxF 'a/line break' found
}

@test "the words as they were before the store finds them, too" {
	jq -j '.[] | (., "\u0000")' names | while IFS= read -r -d '' name; do
		"$sptest" results trend --store s.db -- "$name" >out
		[ "$(wc -l <out)" -eq 2 ]
		is_harmless <out
	done
	run "$sptest" results trend --store s.db "a/none"
	[ "$status" -eq 2 ]
}

@test "campaigns of mutants are rows of a table, and programs get the names" {
	mkdir m
	jq '. as $names | {format: 1, started: "2026-01-03T00:00:00Z", kernel: "k|\u001b[2J", mmu: "<b>\u202e", duration_s: 9,
		mutants: [$names[] | {name: ., text: ., commit: ., verdict: "killed", killer: ., reason: ., duration_s: 1, tried: 1}]}' \
		names >m/mutants.json
	"$sptest" results import --store s.db m
	"$sptest" results mutants --store s.db >out
	is_harmless <out
	# Two tables: titles, the line below them, and a row for each; an empty line between them.
	[ "$(wc -l <out)" -eq 21 ]
	[ "$(grep -c '^|.*|$' out)" -eq 20 ]
	# Bars that end a cell; a backslash before one makes it text.
	[ "$(sed -n '6,$s/\\|//gp;6,$s/[^|]//gp' out | grep -c '^||||||$')" -eq 16 ]
	# shellcheck disable=SC2016 # backticks of Markdown
	run ! grep '<script>' < <(sed 's/`[^`]*`//g' out)
	"$sptest" results mutants --json --store s.db >out
	is_harmless <out
	[ "$(jq '.mutants | length' out)" -eq 15 ]
	jq -e '.mutants | any(.name == "<b>/<script>" and .killer == .name)' out
}

@test "KCIDB and JSON hold each of them, without what a terminal takes for a command" {
	for form in kcidb json; do
		"$sptest" report --store s.db "--$form" - 2 >out
		is_harmless <out
		[ "$(jq '.tests | length' out)" -eq 15 ]
	done
	"$sptest" report --store s.db --kcidb - 2 >out
	jq -e '[.tests[].id] | length == (unique | length)' out
	jq -e 'all(.tests[]; (.path | test("^[a-zA-Z0-9_-]+(\\.[a-zA-Z0-9_-]+)*$")) and (.id | test("^sptest:[!-~]+$")))' out
	jq -e 'any(.tests[]; .misc.name == "é/日本😀")' out
}

# A matrix that takes in one more run and a campaign, and prints what sptest matrix prints of a kernel.
@test "the night's text is a mail of plain lines" {
	local real=$sptest

	"$sptest" results prune --keep 1 --store s.db >/dev/null
	folder 3 fail
	jq --arg long "$(printf 'é%.0s' {1..600})" '.tests[0].reason = $long' r3/summary.json >long.json
	mkdir -p build out m
	mv long.json r3/summary.json
	jq -n '{format: 1, started: "2999-01-03T00:00:00Z", kernel: "k\u001b[2J\u202e", mmu: "tdp", mutants: [{name: "m", verdict: "killed"}]}' \
		>m/mutants.json
	"$real" results import --store out/results.db r1
	sed -i 's/2026-01-03/2999-01-03/' r3/summary.json
	printf '%s\n' '#!/bin/bash' "[[ \$1 == matrix ]] || exec $real \"\$@\"" \
		"$real results import --store $PWD/out/results.db $PWD/r3 $PWD/m >/dev/null" 'echo "  FAIL  k"' 'exit 1' >build/sptest
	chmod +x build/sptest
	OUT=$PWD/out run "${SPTEST_SOURCE:-$BATS_TEST_DIRNAME/../..}/ci/nightly" build
	[ "$status" -eq 1 ]
	printf '%s\n' "$output" >text
	is_harmless <text || { cat -A text; false; }
	[[ ${lines[0]} == "Subject: sptest nightly: failed, 0 passed, 15 failed of 15, 1 of 1 mutants killed, REGRESSIONS" ]]
	[[ ${lines[1]} == "MIME-Version: 1.0" && ${lines[2]} == "Content-Type: text/plain; charset=utf-8" ]]
	[[ $output == *$'8bit\n\n'*"1 of 1 reached mutants killed, "*"kernel k"* ]]
	[ "$(grep -c '^  regression  ' text)" -eq 15 ]
	[ "$(LC_ALL=C awk '{ if (length($0) > longest) longest = length($0) } END { print longest }' text)" -le 998 ]
	iconv -f utf-8 -t utf-16 text >/dev/null
}
