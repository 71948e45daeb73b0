#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# sptest matrix: which runs, in which order, and what is left of them. No machine is started here.

# stderr is set by run --separate-stderr.
# shellcheck disable=SC2154
bats_require_minimum_version 1.5.0

setup() {
	sptest=${SPTEST:-$BATS_TEST_DIRNAME/../../build/sptest}
	cd "$BATS_TEST_TMPDIR" || return
	export XDG_CACHE_HOME=$BATS_TEST_TMPDIR/cache XDG_CONFIG_HOME=$BATS_TEST_TMPDIR/config
	export SPTEST_MIRROR=file:$BATS_TEST_TMPDIR/none
}

# state OPTIONS DONE TOOK: as an earlier matrix left it.
state() {
	mkdir -p out
	jq -n --argjson 'done' "$2" --argjson took "$3" --argjson options "$1" '$ARGS.named' >out/matrix.json
}

options='{"tests": null, "seed": null, "repeat": null, "full": false}'

@test "a command for each kernel and mode, which a shell reads back" {
	run --separate-stderr "$sptest" matrix --kernels 6.1,/a\ b/vmlinuz --mmu tdp,shadow --tests 'zap/*' --out out --plan
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 4 ]
	[[ $output == *"sptest run --kernel=6.1 --mmu=tdp '--tests=zap/*' --out=out"* ]]
	eval "set -- ${lines[2]}"
	[ "$3" = "--kernel=/a b/vmlinuz" ]
}

@test "suites: mutants only where the kernel has them, workloads with their scale" {
	run --separate-stderr "$sptest" matrix --kernels 6.1,mutants-6.12 --mmu tdp --suites workloads,mutants,check \
		--tests 'zap/*' --seed 3 --scale nightly --full --out out --plan
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 5 ]
	[ "$(grep -c "^sptest run .*'--tests=zap/\*' --seed=3 --full --out=out" <<<"$output")" -eq 2 ]
	grep -qx "sptest mutants --kernel=mutants-6.12 --mmu=tdp '--tests=zap/\*' --full --out=out" <<<"$output"
	[ "$(grep -c 'sptest workload --kernel=.* --mmu=tdp --scale=nightly --seed=3 --out=out' <<<"$output")" -eq 2 ]
	run --separate-stderr "$sptest" matrix --kernels 6.1 --mmu tdp --suites workloads --workloads 'fio-*' --out out --plan
	[ "$output" = "sptest workload --kernel=6.1 --mmu=tdp 'fio-*' --out=out" ]
	run --separate-stderr "$sptest" matrix --kernels 6.1 --mmu tdp --suites workloads --workloads --here --out out --plan
	[ "$status" -eq 2 ]
	run --separate-stderr "$sptest" matrix --kernels 6.1 --mmu tdp --suites mutants --out out --plan
	[ "$status" -eq 2 ]
	run --separate-stderr "$sptest" matrix --kernels 6.1 --mmu tdp --suites check,fio --out out --plan
	[ "$status" -eq 2 ]
	[[ $stderr == *"--suites check,fio"* ]]
}

@test "what was done of one suite is to do of another" {
	state "$options" '{"6.1 tdp": 1}' '{}'
	run --separate-stderr "$sptest" matrix --kernels 6.1 --mmu tdp --suites check,workloads --out out --plan
	[ "${#lines[@]}" -eq 1 ]
	[[ $output == "sptest workload "* ]]
}

@test "a workload that cannot run is said, with its suite" {
	run --separate-stderr "$sptest" matrix --kernels nosuch --mmu tdp --suites workloads --out out
	[ "$status" -eq 3 ]
	[[ $output == *"not tested  nosuch"*"tdp     workloads"* ]]
	grep -q nosuch out/matrix-nosuch-tdp-workloads.log
}

@test "the plan as JSON" {
	run --separate-stderr "$sptest" matrix --kernels 6.1,6.1,6.12 --mmu all --out out --plan --json
	[ "$(jq length <<<"$output")" -eq 6 ]
	[ "$(jq -r '.[0].state' <<<"$output")" = "to do" ]
}

@test "longest first, and what was done is not done again" {
	state "$options" '{"6.1 tdp": 1}' '{"6.12 tdp": 5, "6.18 tdp": 50}'
	run --separate-stderr "$sptest" matrix --kernels 6.1,6.12,6.18 --mmu tdp --out out --plan
	[ "${#lines[@]}" -eq 2 ]
	[[ ${lines[0]} == *6.18* && ${lines[1]} == *6.12* ]]
	run --separate-stderr "$sptest" matrix --kernels 6.1,6.12,6.18 --mmu tdp --out out --plan --restart
	[ "${#lines[@]}" -eq 3 ]
	run --separate-stderr "$sptest" matrix --kernels 6.1,6.12 --mmu tdp --tests zap/munmap --out out --plan
	[ "${#lines[@]}" -eq 2 ]
}

@test "a kernel that is not to be had is said, and the rest goes on" {
	run --separate-stderr "$sptest" matrix --kernels nosuch,neither --mmu tdp --out out
	[ "$status" -eq 3 ]
	[[ $output == *"not tested  nosuch"*"  nosuch: neither a version, a file nor in the list of kernels"* ]]
	[[ $output == *"not tested  neither"*"2 not tested, 0 to do of 2"* ]]
	grep -q nosuch out/matrix-nosuch-tdp.log
	run --separate-stderr "$sptest" matrix --kernels nosuch,neither --mmu tdp --out out --plan
	[ "${#lines[@]}" -eq 2 ]
}

# cached VERSION: a kernel of the cache, as far as its name goes.
cached() {
	local folder=$XDG_CACHE_HOME/sptest/kernels/linux-image-$1

	mkdir -p "$folder"
	printf '%s\n' "release = $1-x" "source = s" "package = linux-image-$1-x" "version = $1-1" "suite = s" >"$folder/kernel.conf"
}

@test "a stable update that came meanwhile is to do, and another matrix begins with nothing done" {
	cached 6.12.117
	mkdir -p out
	jq -n --argjson options "$options" '{began: "2026-01-01T00:00:00Z", $options, done: {"6.12 tdp": 1, "6.1 tdp": 1},
		versions: {"6.12 tdp": "6.12.117-1", "6.1 tdp": ""}, took: {}}' >out/matrix.json
	run --separate-stderr "$sptest" matrix --kernels 6.12,6.1,nosuch --mmu tdp --out out --plan
	[ "${#lines[@]}" -eq 1 ]
	cached 6.12.118
	run --separate-stderr "$sptest" matrix --kernels 6.12,6.1,nosuch --mmu tdp --out out --plan
	[ "${#lines[@]}" -eq 2 ]
	run --separate-stderr "$sptest" matrix --kernels 6.1,nosuch --mmu tdp --out out
	[ "$status" -eq 3 ]
	[[ $output == *"1 ok, 0 failed, 0 skipped, 1 not tested, 0 to do of 2 since 2026-01-01T00:00:00Z"* ]]
	[ "$(jq -r .began out/matrix.json)" = 2026-01-01T00:00:00Z ]
	run --separate-stderr "$sptest" matrix --kernels nosuch --mmu tdp --out out
	[ "$(jq -r .began out/matrix.json)" != 2026-01-01T00:00:00Z ]
	[ "$(jq -c .done out/matrix.json)" = '{}' ]
}

@test "never two at once in one folder" {
	mkdir -p out
	exec 8>out/matrix.lock
	flock 8
	run --separate-stderr "$sptest" matrix --kernels nosuch --mmu tdp --out out
	[ "$status" -eq 2 ]
	[[ $stderr == *"another one is at work in out"* ]]
	[ ! -e out/matrix.json ]
	run --separate-stderr "$sptest" matrix --kernels nosuch --mmu tdp --out out --plan
	[ "$status" -eq 0 ]
	exec 8>&-
}

@test "mutants of kernels that have none are said" {
	run --separate-stderr "$sptest" matrix --kernels nosuch --mmu tdp --suites check,mutants --out out
	[[ $output == *"no kernel of the list is mutants-VERSION: nothing to do for --suites mutants"* ]]
	run --separate-stderr "$sptest" matrix --kernels nosuch --mmu tdp --suites check,mutants --out out --plan
	[ "${#lines[@]}" -eq 1 ]
	[[ $stderr == *"no kernel of the list is mutants-VERSION"* ]]
}

@test "a state that makes no sense is as if nothing was done" {
	state "$options" '{"6.1 tdp": 77777777}' '{}'
	run --separate-stderr "$sptest" matrix --kernels 6.1 --mmu tdp --out out --plan --json
	[ "$status" -eq 0 ]
	[ "$(jq -r '.[0].state' <<<"$output")" = "to do" ]
}

@test "what no run would take is refused at once" {
	for words in '--seed abc' '--jobs 0' '--repeat x' '--classify -1' '--scale huge' '--budget soon'; do
		read -ra words <<<"$words"
		run --separate-stderr "$sptest" matrix --kernels 6.1 --mmu tdp --out out "${words[@]}"
		[ "$status" -eq 2 ]
		[[ $stderr == *"${words[0]}"* ]]
	done
}

@test "words that mean nothing" {
	run --separate-stderr "$sptest" matrix --kernels , --mmu tdp
	[ "$status" -eq 2 ]
	run --separate-stderr "$sptest" matrix --kernels 6.1 --mmu ept
	[ "$status" -eq 2 ]
	[[ $stderr == *"--mmu ept"* ]]
	run --separate-stderr "$sptest" matrix 6.1
	[ "$status" -eq 2 ]
	run --separate-stderr "$sptest" matrix
	[ "$status" -eq 2 ]
	[[ $stderr == *"--kernels: *: no series of the list matches"* ]]
	run --separate-stderr "$sptest" matrix --kernels 6.1 --suites mutants
	[ "$status" -eq 2 ]
	[[ $stderr == *"name some with --kernels, for mutants as mutants-6.12"* ]]
	run --separate-stderr "$sptest" matrix --kernels 6.1 --json
	[ "$status" -eq 2 ]
	[[ $stderr == *"--json goes with --plan"* ]]
}
