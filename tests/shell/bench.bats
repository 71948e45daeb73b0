#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# ci/bench and ci/bench-mutants: what they measure is in the store. In the place of sptest run stands a fake.

bats_require_minimum_version 1.5.0

setup() {
	source=${SPTEST_SOURCE:-$BATS_TEST_DIRNAME/../..}
	real=${SPTEST:-$source/build/sptest}
	cd "$BATS_TEST_TMPDIR" || return
	mkdir build
	export OUT=$PWD/out NIGHT_TESTS=20
	# run: prints the summary of a run and adds it to the store beside it.
	cat >build/sptest <<-EOF
		#!/bin/bash
		real=$real
	EOF
	cat >>build/sptest <<-'EOF'
		[[ $1 == run ]] || exec "$real" "$@"
		[[ ! -e $BATS_TEST_TMPDIR/no-machine ]] || exit 3
		while (($#)); do case $1 in
			--kernel) kernel=$2 ;;
			--tests | --selftests) tests=$2 ;;
			--out) out=$2 ;;
		esac; shift; done
		case ${tests:-all} in
			life/vmas) name=life/vmas figures='{"10_vmas": {"unit": "us", "less_is_better": true, "values": [7, 8]}}' ;;
			*/bench) name=bench/notify figures='{"drop": {"unit": "ns", "less_is_better": true, "values": [900]}}' ;;
			all) name=spte/large figures='{"leaves": {"unit": "1/s", "less_is_better": false, "values": [1000]}}' ;;
			*) name=zap/munmap figures='{}' ;;
		esac
		folder=$out/$RANDOM$RANDOM
		mkdir -p "$folder"
		jq -n --arg name "$name" --argjson figures "$figures" --arg kernel "${kernel:-6.12.1-x}" --argjson seed "$RANDOM" \
			'{format: 2, started: "2026-01-01T00:00:00Z", duration_s: 9, mmu: "tdp", seed: $seed, accel: {name: "tcg"},
			kernel: {release: $kernel, version: "6.12.1"}, coverage: [], totals: {tests: 1},
			timings: {image_s: 1, first_line_s: 2, overhead_s: 3},
			tests: [{name: $name, mmu: "tdp", round: 1, verdict: "pass", cases: [], figures: $figures}]}' |
			tee "$folder/summary.json"
		"$real" results import --store "$out/results.db" "$out"/*/ >/dev/null
	EOF
	chmod +x build/sptest
}

@test "all samples of make bench are a run of the suite bench" {
	run "$source/ci/bench" build 2
	[ "$status" -eq 0 ]
	[[ $output == *"sptest compare --figures earlier latest" ]]
	[ "$("$real" results list --json --store out/results.db | jq -c '.[] | [.suite, .kernel, .tests, .failures]')" = \
		'["bench","6.12.1-x",4,0]' ]
	folder=$(echo out/*-bench)
	jq -e '.check_s == 9 and .store.compare_nights_s > 0 and .store.tests > 0 and .store.show_s > 0' "$folder/bench.json"
	jq -e '.tests | map({key: .name, value: (.figures | map_values(.values))}) | from_entries |
		.["bench/run"].first_line_boot_s == [2, 2] and (.["bench/store"] | map_values(length) | . == {import_and_report_s: 2,
		compare_nights_s: 2, list_s: 2, show_s: 2, all_forms_of_both_nights_s: 2}) and
		.["bench/vmas"] == {"10_vmas": [7, 8]} and .["bench/spte"].leaves == [1000, 1000, 1000, 1000]' "$folder/summary.json"
	[[ $("$real" results figures bench/run --store out/results.db) == *"overhead_per_test_s"*" 3  s "* ]]
	run "$real" compare --store out/results.db --figures "$folder" latest
	[ "$status" -eq 0 ]
	[[ $output == *"0 worse, 0 better, "*" with too few samples" ]]
}

@test "the runs of make bench-cost are in the store" {
	KERNEL=6.12.2-mutants STOCK=6.12.1-x run "$source/ci/bench-mutants" build 4
	[ "$status" -eq 0 ]
	[[ $output == *"drop: 900 ns, stock 900 ns: 1 times"*"sptest compare --figures 6.12.1-x 6.12.2-mutants" ]]
	run "$real" compare --store out/results.db --figures 6.12.1-x 6.12.2-mutants
	[ "$status" -eq 0 ]
	[[ $output == *"same"*"bench/notify  drop"*"4 and 4 samples"* ]]
}

@test "where no machine runs nothing is measured" {
	touch no-machine
	run "$source/ci/bench" build 1
	[ "$status" -eq 3 ]
	run "$source/ci/bench-mutants" build 1
	[ "$status" -eq 3 ]
	[ ! -e out ]
}
