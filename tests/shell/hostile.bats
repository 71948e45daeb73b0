#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# Names and reasons with quotes, markup, ends of lines and commands of terminals, through what sptest prints of a store.
# Its files, the reports, are held by tests/unit/test_report.c.

bats_require_minimum_version 1.5.0

setup() {
	sptest=$(realpath "${SPTEST:-$BATS_TEST_DIRNAME/../../build/sptest}")
	cd "$BATS_TEST_TMPDIR" || return
	jq -n '["q/\"it'"'"'s\"", "<b>/<script>", "a/line\nbreak", "a/tab\tand\rreturn", "a/\u001b[31mred\u009b2J", "é/日本😀",
		"a/%s%n", "a/$(touch gone)`touch gone`", "a/'"'"'; DROP TABLE run;--", "-/--store=x", "a/# SKIP no", "a/]]>"]' >names
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

# Reads text: no line has a control character of ASCII or of C1.
is_harmless() {
	! LC_ALL=C grep -q $'[\001-\010\013-\037\177]\\|\302[\200-\237]'
}

@test "each test is a line, without what a terminal takes for a command" {
	for words in 'results list' 'results show' 'compare 1 2' 'report --markdown -' 'report --ktap -'; do
		# shellcheck disable=SC2086 # words
		"$sptest" $words --store s.db >out || true
		is_harmless <out || { echo "$words"; cat -A out; false; }
	done
	[ "$("$sptest" results show --store s.db | wc -l)" -eq 13 ]
	"$sptest" compare --store s.db 1 2 >out || true
	[ "$(grep -c '^  regression  ' out)" -eq 12 ]
	[ ! -e gone ]
}

@test "programs get the names whole, and find them again" {
	"$sptest" compare --store s.db --json 1 2 >out.json || true
	[ "$(jq '.tests | length' out.json)" -eq 12 ]
	"$sptest" report --store s.db --json - 2 | jq -r '.tests[].name' >found
	[ "$(wc -l <found)" -eq 12 ]
	while IFS= read -r name; do
		"$sptest" results trend --store s.db -- "$name" >out
		[ "$(wc -l <out)" -eq 2 ]
		is_harmless <out
	done <found
	grep -qx 'é/日本😀' found
	grep -qxF "a/'; DROP TABLE run;--" found
	grep -qxF 'a/line break' found
}
