#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# ci/nightly and the engines that spread a matrix. In the place of sptest run stands a fake that leaves a run folder.

bats_require_minimum_version 1.5.0

setup() {
	source=${SPTEST_SOURCE:-$BATS_TEST_DIRNAME/../..}
	real=${SPTEST:-$source/build/sptest}
	cd "$BATS_TEST_TMPDIR" || return
	mkdir build
	# run KERNEL: its only test fails if the file fail-KERNEL is there.
	cat >build/sptest <<-EOF
		#!/bin/bash
		real=$real
	EOF
	cat >>build/sptest <<-'EOF'
		out=results/runs kernels=()
		for word; do case $word in
			--out=*) out=${word#--out=} ;;
			--kernel=*) kernel=${word#--kernel=} ;;
			--mmu=*) mmu=${word#--mmu=} ;;
		esac; done
		leave() {
			local folder="$out/$(date -u +%Y%m%d-%H%M%S)-$kernel-$mmu-$RANDOM" verdict=pass
			[[ ! -e $BATS_TEST_TMPDIR/fail-$kernel ]] || verdict=fail
			mkdir -p "$folder"
			jq -n --arg kernel "$kernel" --arg mmu "$mmu" --arg verdict "$verdict" --arg now "$(date -u +%FT%TZ)" \
				--argjson seed "$RANDOM" --argjson ns "[${FAKE_NS-}]" '{format: 2, started: $now, duration_s: 1, mmu: $mmu, seed: $seed,
				kernel: {release: $kernel, version: $kernel}, accel: {name: "tcg"}, coverage: [], tests: [{
				name: "zap/munmap", mmu: $mmu, round: 1, verdict: $verdict, reason: "r", cases: [],
				figures: {zap: {unit: "ns", less_is_better: true, values: $ns}}}]}' >"$folder/summary.json"
			"$real" results import --store "$out/results.db" "$folder" >/dev/null
			[[ $verdict == pass ]]
		}
		campaign() {
			local folder="$out/$(date -u +%Y%m%d-%H%M%S)-campaign"
			mkdir -p "$folder"
			jq -n --arg now "$(date -u +%FT%TZ)" '{format: 1, started: $now, kernel: "k", mmu: "tdp", mutants:
				[{name: "m", verdict: "killed"}, {name: "n", verdict: "survived"}]}' >"$folder/mutants.json"
			"$real" results import --store "$out/results.db" "$folder" >/dev/null
		}
		case $1 in
		results)
			[[ -z ${FAKE_DAMAGE:-} || $2 != mutants ]] || { echo "sptest: $FAKE_DAMAGE" >&2; exit 3; }
			exec "$real" "$@" ;;
		run) leave ;;
		matrix)
			[[ " $* " != *" --plan "* ]] || exec "$real" "$@"
			[[ $2 != --out ]] || out=$3
			status=${FAKE_STATUS:-0} began=$(date -u +%FT%TZ)
			[[ -z ${FAKE_GOES_ON:-} ]] || began=$(jq -r .began "$out/matrix.json")
			jq -n --arg began "$began" '{$began}' >"$out/matrix.json"
			[[ -z ${FAKE_CAMPAIGN:-} ]] || campaign
			for kernel in ${FAKE_KERNELS-6.1 6.12}; do mmu=tdp; leave || status=${FAKE_STATUS:-1}; done
			echo matrix done
			exit "$status" ;;
		*) exec "$real" "$@" ;;
		esac
	EOF
	chmod +x build/sptest
	export SPTEST=$PWD/build/sptest
	export XDG_CACHE_HOME=$BATS_TEST_TMPDIR/cache OUT=$BATS_TEST_TMPDIR/out
}

@test "a green night, then one with a regression" {
	run "$source/ci/nightly" build
	[ "$status" -eq 0 ]
	[[ ${lines[0]} == "Subject: sptest nightly: passed, 2 passed, 0 failed of 2" ]]
	[[ $output == *"nothing green to compare it with"* ]]
	sleep 1.1
	touch fail-6.12
	run "$source/ci/nightly" build
	[ "$status" -eq 1 ]
	[[ ${lines[0]} == *"failed, 1 passed, 1 failed of 2, REGRESSIONS" ]]
	[[ $output == *"regression   zap/munmap"* ]]
	night=$(find out/nights -mindepth 1 -maxdepth 1 | sort | tail -n 1)
	xmllint --noout "$night/report.html" "$night/junit.xml"
	[ "$(jq .totals.failures "$night/report.json")" -eq 1 ]
}

@test "figures that changed are told and fail nothing" {
	FAKE_NS='10, 11, 10.5, 10.2' run "$source/ci/nightly" build
	[ "$status" -eq 0 ]
	[[ $output != *"Figures of these"* ]]
	sleep 1.1
	FAKE_NS='10.1, 11, 10.5, 10.3' run "$source/ci/nightly" build
	[ "$status" -eq 0 ]
	[[ ${lines[0]} != *figures* && $output == *"0 worse, 0 better, 2 the same, 0 with too few samples"* ]]
	sleep 1.1
	FAKE_NS='20, 21, 20.5, 20.2' run "$source/ci/nightly" build
	[ "$status" -eq 0 ]
	[[ ${lines[0]} == "Subject: sptest nightly: passed, 2 passed, 0 failed of 2, 2 of the figures worse" ]]
	[[ $output == *"worse  zap/munmap  zap  6.1 tcg tdp "*"8 and 4 samples"* ]]
	sleep 1.1
	FAKE_NS=20 run "$source/ci/nightly" build
	[ "$status" -eq 0 ]
	[[ $output == *"0 worse, 0 better, 0 the same, 2 with too few samples"* ]]
}

@test "an interrupted night is gone on with, and its runs are told and compared" {
	"$source/ci/nightly" build
	sleep 1.1
	touch fail-6.1
	FAKE_STATUS=130 FAKE_KERNELS=6.1 run "$source/ci/nightly" build
	[ "$status" -eq 130 ]
	rm fail-6.1
	sleep 1.1
	FAKE_GOES_ON=1 FAKE_KERNELS=6.12 run "$source/ci/nightly" build
	[ "$status" -eq 1 ]
	[[ ${lines[0]} == *"failed, 1 passed, 1 failed of 2, REGRESSIONS" ]]
	[[ $output == *"regression   zap/munmap"* ]]
	sleep 1.1
	run "$source/ci/nightly" build
	[ "$status" -eq 0 ]
}

@test "a night of campaigns alone has its report; one of nothing is no success" {
	FAKE_CAMPAIGN=1 FAKE_KERNELS='' run "$source/ci/nightly" build
	[ "$status" -eq 0 ]
	[[ ${lines[0]} == "Subject: sptest nightly: 1 of 2 mutants killed" ]]
	grep -q '^| k | tdp | sptest | .* | 1 of 2 |$' out/nights/*/report.md
	xmllint --noout out/nights/*/report.html out/nights/*/junit.xml
	sleep 1.1
	FAKE_KERNELS='' run "$source/ci/nightly" build
	[ "$status" -eq 3 ]
	[[ ${lines[0]} == "Subject: sptest nightly: nothing ran" ]]
}

@test "a night whose store is broken prints what the matrix said" {
	mkdir -p out
	"$source/ci/nightly" build
	printf 'no database, but a text of some length, longer than its head\n' >out/results.db
	rm -f out/results.db-*
	FAKE_KERNELS='' run "$source/ci/nightly" build
	[ "$status" -eq 3 ]
	[[ ${lines[0]} == "Subject: sptest nightly: no report" ]]
	[[ $output == *"matrix done"*"results.db: file is not a database"* ]]
	[ "$(find out -mindepth 2 -maxdepth 2 -name summary.json | wc -l)" -eq 2 ]
}

@test "scores that cannot be read are told, and none are no error" {
	FAKE_DAMAGE='campaign: no such column' run "$source/ci/nightly" build
	[ "$status" -eq 3 ]
	[[ ${lines[0]} == "Subject: sptest nightly: passed, 2 passed, 0 failed of 2" ]]
	[[ $output == *"campaign: no such column"* ]]
	sleep 1.1
	run "$source/ci/nightly" build
	[ "$status" -eq 0 ]
	[[ $output != *campaign* ]]
}

@test "never two at once" {
	mkdir -p out
	exec 8>out/nightly.lock
	flock 8
	run "$source/ci/nightly" build
	[ "$status" -eq 75 ]
}

@test "a number of nights that is none is refused before the night" {
	KEEP=abc run "$source/ci/nightly" build
	[ "$status" -eq 2 ]
	[[ $output == *"KEEP=abc"* ]]
	[ ! -e out/nights ]
}

@test "what is no order is no failed test: exit status 2, and no night" {
	for command in nightly "nightly $PWD/nowhere" engines/cells engines/merge "engines/merge $PWD/nowhere" engines/parallel \
		"engines/parallel :" engines/slurm; do
		# shellcheck disable=SC2086 # words
		run --separate-stderr "$source/ci/"$command
		[ "$status" -eq 2 ] || { echo "$command: $status"; false; }
		# shellcheck disable=SC2154 # set by run --separate-stderr
		[[ $stderr == "usage: ci/${command%% *} "* && $stderr != *$'\n'* ]]
	done
	FAKE_KERNELS='' FAKE_STATUS=2 run "$source/ci/nightly" build
	[ "$status" -eq 2 ]
	[ -z "$(ls out/nights)" ]
}

@test "only so many nights and runs are kept" {
	mkdir -p out/20260101-000000-by-hand
	echo '{}' >out/20260101-000000-by-hand/summary.json
	for _ in 1 2 3; do
		KEEP=2 "$source/ci/nightly" build
		sleep 1.1
	done
	[ "$(find out/nights -mindepth 1 -maxdepth 1 | wc -l)" -eq 2 ]
	[ "$(find out -mindepth 2 -maxdepth 2 -name summary.json | wc -l)" -eq 5 ]
	[ -e out/20260101-000000-by-hand ]
	[ "$("$real" results list --json --store out/results.db | jq length)" -eq 4 ]
}

@test "cells are commands with folders of their own, and are merged into one report" {
	"$source/ci/engines/cells" "$PWD/spread" --kernels 6.1,6.12 --mmu tdp,shadow --out x >commands
	[ "$(wc -l <commands)" -eq 4 ]
	touch fail-6.1
	while IFS= read -r line; do bash -c "$line" || true; done <commands
	run "$source/ci/engines/merge" "$PWD/spread"
	[ "$status" -eq 1 ]
	[ "$(jq -c '[.totals.tests, .totals.failures]' spread/report.json)" = "[4,2]" ]
	mkdir -p spread/cells/9/20260101-000000
	cp -r "$(find spread/cells/1 -name summary.json -printf '%h\n' -quit)" spread/cells/9/20260101-000000/
	jq -n '{format: 1, started: "2026-01-01T00:00:00Z", kernel: "k", mmu: "tdp", mutants: [{name: "m", verdict: "killed"}]}' >spread/cells/9/20260101-000000/mutants.json
	"$source/ci/engines/merge" "$PWD/spread" || true
	[ "$(jq -c '[.totals.tests, .totals.failures]' spread/report.json)" = "[4,2]" ]
	[[ $("$real" results mutants --store spread/results.db) == *"| k | tdp | sptest |"* ]]
	run "$source/ci/engines/merge" "$PWD/empty"
	[ "$status" -ne 0 ]
}

@test "GNU parallel over this machine alone gives the same" {
	command -v parallel || skip "no GNU parallel"
	run "$source/ci/engines/parallel" : "$PWD/spread" --kernels 6.1,6.12 --mmu tdp,shadow
	[ "$status" -eq 0 ]
	[ "$(jq -c '[.totals.tests, .totals.failures]' spread/report.json)" = "[4,0]" ]
}

@test "a pipeline for GitLab has a job for each cell" {
	"$real" matrix --plan --json --kernels 6.1,6.12 --mmu tdp,shadow >plan.json
	"$source/ci/gitlab/pipeline" <plan.json >pipeline.json
	[ "$(jq -c '[.cell.parallel.matrix | length, (.[0] | keys)]' pipeline.json)" = '[4,["KERNEL","MMU"]]' ]
	[ "$(jq -c '[.stages[] as $s | [.[] | objects | select(.stage? == $s)] | length]' pipeline.json)" = "[1,1]" ]
	# Two that start in the same second must not write over each other.
	jq -e '.cell.script | any(contains("OUT=\"$PWD/out/$CI_NODE_INDEX\""))' pipeline.json
	echo '[]' | "$source/ci/gitlab/pipeline" | jq -e '.cell | not'
	jq -n '[range(201) | {kernel: "k\(.)", mmu: "tdp", suite: "check", state: "to do"}]' >big.json
	run "$source/ci/gitlab/pipeline" <big.json
	[ "$status" -ne 0 ]
}
