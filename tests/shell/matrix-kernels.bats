#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# Which kernels sptest matrix finds, over nights in which an archive of our own changes, and what of them a budget leaves.
# The QEMU of these cells ends at once: no machine is started.

# stderr is set by run --separate-stderr.
# shellcheck disable=SC2154
bats_require_minimum_version 1.5.0

load archive.bash

setup() {
	archive_make
	cd "$BATS_TEST_TMPDIR" || return
	mkdir bin
	printf '#!/bin/sh\nexit 1\n' >bin/qemu-system-x86_64
	chmod +x bin/qemu-system-x86_64
	PATH=$PWD/bin:$PATH
}

# matrix OPTIONS...
matrix() {
	run --separate-stderr "$sptest" matrix --mmu tdp --tests zap/munmap --out out "$@"
}

# cells: the kernels of the plan, in its order.
cells() {
	"$sptest" matrix --mmu tdp --out out --plan --json "$@" 2>stderr | jq -r '[.[].kernel] | join(" ")'
}

# left_by TOOK DONE VERSIONS: as a matrix left it that was interrupted.
left_by() {
	mkdir -p out
	jq -n --argjson took "$1" --argjson 'done' "$2" --argjson versions "$3" '$ARGS.named + {began: "2026-01-01T00:00:00Z",
		options: {tests: "zap/munmap", seed: null, repeat: null, full: false}}' >out/matrix.json
}

@test "a glob is of series, newest first, each once" {
	for version in 5.10.1 6.1.200 6.12.9 6.12.10 6.18.3; do kernel "$version"; done
	publish
	[ "$(cells)" = "6.18 6.12 6.1 5.10" ]
	[ "$(cells --kernels '6.*')" = "6.18 6.12 6.1" ]
	[ "$(cells --kernels '6.1')" = "6.1" ]
	[ "$(cells --kernels '6.1?,6.1,6.*')" = "6.18 6.12 6.1" ]
	[ "$(cells --kernels '[56].1[02],/a*')" = "6.12 5.10 /a*" ]
	[ "$(cells --kernels '9.*,6.1')" = "6.1" ]
	[[ $(<stderr) == *"left out    9.*            no series of the list matches"* ]]
	matrix --kernels '9.*' --plan
	[ "$status" -eq 2 ]
	[[ $stderr == *"--kernels: 9.*: no series of the list matches"* ]]
}

@test "a series that is new overnight is tested, and one that is gone is said once" {
	kernel 6.1.200
	kernel 6.12.9
	publish
	matrix
	[ "$status" -eq 1 ]
	[[ $output == *"FAIL        6.12 "*"FAIL        6.1 "*"2 failed, 0 skipped, 0 not tested, 0 to do of 2"* ]]
	[[ $output != *"left out"* ]]
	rm -r cache/sptest/kernels
	kernel 6.18.1
	rm archive/pool/linux-image-6.1.200*
	publish
	matrix
	[ "$status" -eq 1 ]
	[[ $output == *"left out    6.1            no suite of the list that answers has it any more"* ]]
	[[ $output == *"FAIL        6.18"*"0 to do of 2"* && $output != *"FAIL        6.1 "* ]]
	matrix
	[[ $output != *"left out"* ]]
}

@test "a stable release of last night is to do, whatever was done" {
	kernel 6.12.9
	kernel 6.1.200
	for kernels in '*' 6.12,6.1; do
		rm -rf cache archive/pool/linux-image-6.12.10*
		publish
		"$sptest" kernels list --refresh >list.txt
		left_by '{}' '{"6.12 tdp": 1}' '{"6.12 tdp": "6.12.9-1"}'
		matrix --kernels "$kernels"
		[[ $output == *"1 ok, 1 failed, 0 skipped, 0 not tested, 0 to do of 2 since 2026-01-01T00:00:00Z"* ]]
		kernel 6.12.10
		publish
		left_by '{}' '{"6.12 tdp": 1}' '{"6.12 tdp": "6.12.9-1"}'
		matrix --kernels "$kernels"
		[[ $output == *"FAIL        6.12 "*"0 ok, 2 failed, 0 skipped, 0 not tested, 0 to do of 2"* ]]
		[ "$(jq -c .done out/matrix.json)" = '{}' ]
		[ -d cache/sptest/kernels/linux-image-6.12.10-cloud-amd64_6.12.10-1 ]
	done
}

@test "a package that the archive lost is said with the reason, and the rest goes on" {
	kernel 6.1.200
	kernel 6.12.9
	mkdir root
	deb linux-image-7.1.2-cloud-amd64 7.1.2-1 "linux-modules-7.1.2-cloud-amd64 (= 7.1.2-1)"
	publish
	rm archive/pool/linux-image-6.12.9*
	matrix
	[ "$status" -eq 1 ]
	[[ $output == *"left out    7.1            the archive (ours) no longer has its modules"* ]]
	[[ $output == *"not tested  6.12           tdp     check"*" s  6.12.9 cannot be fetched: "* ]]
	[[ $output == *"FAIL        6.1 "*"1 failed, 0 skipped, 1 not tested, 0 to do of 2"* ]]
	matrix --kernels 6.12
	[ "$status" -eq 3 ]
}

@test "without an archive there is what is in the cache, and nothing is said to be gone" {
	kernel 6.12.9
	publish
	"$sptest" kernels fetch 6.12
	rm -r archive cache/sptest/apt
	left_by '{"6.1 tdp": 5}' '{}' '{}'
	matrix
	[[ $stderr == *"no package indexes, only what is in the cache"* ]]
	[[ $output == *"FAIL        6.12 "* && $output != *"left out"* ]]
	[ "$(jq -c '.took | keys' out/matrix.json)" = '["6.1 tdp","6.12 tdp"]' ]
}

@test "what does not fit in what is left of the budget is said, and the next time runs only that" {
	left_by '{"a tdp": 8000, "b tdp": 7200, "c tdp": 5}' '{}' '{}'
	matrix --kernels a,b,c,d --budget 60m
	[ "$status" -eq 3 ]
	[[ ${lines[0]} == "  not tested  a "* ]]
	[[ ${lines[1]} =~ ^"  not run     b              tdp     check        7200 s  took longer the last time than the "3[56][0-9][0-9]" s that are left of the budget"$ ]]
	[[ ${lines[2]} == "  not tested  c "* && ${lines[3]} == "  not tested  d "* ]]
	[[ ${lines[4]} == *"3 not tested, 1 to do of 4"* ]]
	matrix --kernels a,b,c,d
	[[ ${lines[0]} == "  not tested  b "* && ${lines[1]} == *"4 not tested, 0 to do of 4"* ]]
	[ "$(jq -c .done out/matrix.json)" = '{}' ]
}

@test "logs are a file for each cell, whatever its kernel is called" {
	long=$(printf 'x%.0s' {1..300})
	matrix --kernels "a/b,a_b,./a b,./a-b,a-b,$long,${long}y,-,é"
	[[ $output == *"9 not tested, 0 to do of 9"* ]]
	[ "$(find out -name 'matrix-*.log' | wc -l)" -eq 9 ]
	grep -q 'a_b: neither a version' out/matrix-a_b-tdp.log
	[ -e out/matrix-a-b-tdp.log ]
}
