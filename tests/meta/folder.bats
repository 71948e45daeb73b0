#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# The run folder, what is on stdout, and options about the order of things.

load helper

setup_file() {
	meta_prepare
}

teardown() {
	[[ -z ${DISK:-} ]] || umount -l "$DISK"
	nothing_left
}

# A disk of so many KiB in DISK.
small_disk() {
	local options=size=${1}k

	((EUID == 0)) || skip "a small disk is mounted by root only"
	mkdir "$BATS_TEST_TMPDIR/disk"
	mount -t tmpfs -o "$options" none "$BATS_TEST_TMPDIR/disk" 2>/dev/null ||
		skip "tmpfs cannot be mounted here"
	DISK=$BATS_TEST_TMPDIR/disk
}

@test "a disk that fills up during a test: one line, exit status 3" {
	small_disk 160
	use_out "$DISK/runs"
	meta_run --tests base/full
	[[ $status -eq 3 ]]
	one_line 'cannot be written'
	[[ $(<"$OUT/latest/tests/base-full/verdict") == "lost: never finished" ]]
	[[ ! -e $OUT/latest/summary.json ]]
}

@test "a disk without room for the run folder: one line, exit status 3" {
	small_disk 8
	use_out "$DISK/runs"
	head -c 8192 /dev/zero >"$DISK/full" || true
	meta_run --tests base/pass
	[[ $status -eq 3 ]]
	one_line 'No space left|cannot be written'
}

@test "a run folder that cannot be made: one line, exit status 3" {
	meta_run --tests base/pass --out /proc/runs
	[[ $status -eq 3 ]]
	one_line '/proc/runs: '
}

@test "--json: valid JSON on stdout and nothing else" {
	meta_run --tests 'ktap/lying,skip/reason,base/pass' --json
	[[ $status -eq 1 ]]
	jq -es 'length == 1 and .[0].format == 2' <<<"$output"
	diff <(jq -S . <<<"$output") <(jq -S . "$OUT/latest/summary.json")
}

@test "--json with bad input: nothing on stdout" {
	meta_run --tests nosuch --json
	[[ $status -eq 2 && -z $output ]]
}

@test "--fail-fast stops at the first failure, --keep-going does not" {
	meta_run --tests 'ktap/lying,skip/reason,base/pass' --fail-fast
	[[ $status -eq 1 ]]
	[[ $(jq -r '[.tests[].name] | join(" ")' "$OUT/latest/summary.json") == "base/pass ktap/lying" ]]
	meta_run --tests 'ktap/lying,skip/reason,base/pass' --fail-fast --keep-going
	[[ $(jq .totals.tests "$OUT/latest/summary.json") -eq 3 ]]
}

@test "--repeat with --seed: one seed up each round, in the test and in the summary" {
	meta_run --tests base/seed --seed 41 --repeat 3
	[[ $status -eq 1 ]]
	[[ $(of base/seed '"\(.round) \(.seed)"' | xargs) == "1 41 2 42 3 43" ]]
	grep -q '^# seed 41$' "$OUT/latest/tests/base-seed/ktap"
	grep -q '^# seed 43$' "$OUT/latest/tests/base-seed.3/ktap"
}

@test "without --seed each run has another, and says it" {
	local first

	meta_run --tests base/pass
	first=$(jq .seed "$OUT/latest/summary.json")
	[[ $output == *"seed $first"* ]]
	meta_run --tests base/pass
	[[ $(jq .seed "$OUT/latest/summary.json") != "$first" ]]
}

@test "reproduce.sh: the same test, seed and verdict, from anywhere" {
	local script

	meta_run --tests base/seed --seed 41 --repeat 2
	script=$OUT/latest/tests/base-seed.2/reproduce.sh
	grep -q "reproduce: .*/tests/base-seed.2/reproduce.sh" <<<"$output"
	use_out "$BATS_TEST_TMPDIR/again"
	cd /
	run "$script" --out "$OUT"
	echo "$output"
	[[ $status -eq 1 ]]
	verdict_is base/seed fail 'seed 42'
	[[ $(of base/seed .seed) -eq 42 ]]
	[[ $(jq .totals.tests "$OUT/latest/summary.json") -eq 1 ]]
}

@test "--mmu all: each mode has its verdict, its folder, its reproduce.sh; one exit status" {
	local text

	meta_run --tests 'base/mode,base/pass' --mmu all
	[[ $status -eq 1 ]]
	jq -r '.tests[] | "\(.mmu) \(.name) \(.verdict) \(.folder)"' "$OUT/latest/summary.json" >"$BATS_TEST_TMPDIR/tests"
	diff - "$BATS_TEST_TMPDIR/tests" <<-'END'
		tdp base/mode pass tests/base-mode.tdp
		tdp base/pass pass tests/base-pass.tdp
		direct base/mode fail tests/base-mode.direct
		direct base/pass pass tests/base-pass.direct
		shadow base/mode pass tests/base-mode.shadow
		shadow base/pass pass tests/base-pass.shadow
	END
	[[ $(jq -r .mmu "$OUT/latest/summary.json") == tdp,direct,shadow ]]
	[[ $(machine_count) -eq 3 ]]
	[[ $output == *"direct: 1 passed, 1 failed, 0 skipped of 2"* ]]
	grep -q '^not ok 3 base/mode direct$' "$OUT/latest/ktap"
	text=$(xmllint --xpath 'string(//testsuite[@failures=1]/testcase/@classname)' "$OUT/latest/junit.xml")
	[[ $text == "base/mode direct" ]]
	grep -q -- ' --mmu tdp,direct,shadow ' "$OUT/latest/reproduce.sh"
	grep -q -- ' --mmu direct ' "$OUT/latest/tests/base-mode.direct/reproduce.sh"
}

@test "--timeout overrides the test's own" {
	meta_run --tests base/sleep --timeout 1
	[[ $status -eq 1 ]]
	verdict_is base/sleep timeout
}
