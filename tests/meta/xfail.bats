#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# Known bugs: base/mode fails in direct mode only.

load helper

setup_file() {
	meta_prepare
	export XDG_CONFIG_HOME=$BATS_FILE_TMPDIR/config
	mkdir -p "$XDG_CONFIG_HOME/sptest/xfail"
}

teardown() {
	rm -f "$XDG_CONFIG_HOME/sptest/xfail"/*
	nothing_left
}

# known KEY=VALUE...: a known bug of base/mode.
known() {
	printf '%s\n' 'test = base/mode' 'case = not-direct' 'commit = 0123456789ab' \
		'reason = direct is not what it was' "$@" >"$XDG_CONFIG_HOME/sptest/xfail/direct.conf"
}

# verdict_in MODE VERDICT
verdict_in() {
	[[ $(jq -r ".tests[] | select(.mmu == \"$1\").verdict" "$OUT/latest/summary.json") == "$2" ]]
}

@test "a known failure is shown and fails nothing; a pass in its place is shown, too" {
	known 'kernels = 5.10..'
	meta_run --tests base/mode --mmu direct,shadow
	[[ $status -eq 0 ]]
	verdict_in direct xfail
	verdict_in shadow xpass
	[[ $output == *"xfail   base/mode direct"*"known bug: direct is not what it was (0123456789ab)"* ]]
	[[ $output == *"XPASS   base/mode shadow"*"gone: known bug no longer seen, remove direct.conf, or this kernel from it: direct is not what it was (0123456789ab)"* ]]
	[[ $output == *"1 failed as known, 1 passed against expectation of 2"* ]]
	[[ $(<"$OUT/latest/tests/base-mode.direct/verdict") == "xfail: not-direct: known bug:"* ]]
	grep -q '^  ok 1 not-direct # XFAIL known bug: ' "$OUT/latest/ktap"
}

@test "in another mode, or on another kernel, it is a failure" {
	known 'kernels = 5.10..' 'mmu = tdp,shadow'
	meta_run --tests base/mode --mmu direct
	[[ $status -eq 1 ]]
	verdict_is base/mode fail
	known 'kernels = ..4.19, 9.0..'
	meta_run --tests base/mode --mmu direct
	[[ $status -eq 1 ]]
	verdict_is base/mode fail
}

@test "a known panic does not spoil the next test" {
	printf '%s\n' 'test = kernel/panic' 'kernels = 5.10..' 'verdict = panic' \
		'at = sysrq_handle_crash' 'commit = 0123456789ab' 'reason = SysRq crashes' >"$XDG_CONFIG_HOME/sptest/xfail/panic.conf"
	meta_run --tests 'kernel/panic,then/pass'
	[[ $status -eq 0 ]]
	verdict_is kernel/panic xfail '^known bug: SysRq crashes \(0123456789ab\)'
	verdict_is then/pass pass
	[[ $(machine_count) -eq 2 ]]
}

@test "a file that makes no sense: one line, exit status 2" {
	known 'kernels = new'
	meta_run --tests base/mode
	[[ $status -eq 2 ]]
	one_line 'direct.conf: kernels = new'
}

@test "what is gone has a line of its own in compare and in reports" {
	local line='gone: known bug no longer seen, remove direct.conf, or this kernel from it: direct is not what it was'

	known 'kernels = 5.10..' 'mmu = direct'
	meta_run --tests base/mode --mmu shadow
	known 'kernels = 5.10..' 'mmu = shadow'
	meta_run --tests base/mode --mmu shadow
	run -0 "$SPTEST" compare --store "$OUT/results.db" 1 2
	[[ $output == *"  base/mode shadow not-direct: $line (0123456789ab)"* ]]
	[[ $("$SPTEST" compare --json --store "$OUT/results.db" 1 2 | jq -r '.cured[].reason') == "$line"* ]]
	# the older one is not what is asked about
	[[ $("$SPTEST" compare --json --store "$OUT/results.db" 2 1 | jq '.cured | length') == 0 ]]
	"$SPTEST" report --store "$OUT/results.db" 2 --html "$BATS_TEST_TMPDIR/r.html" --markdown "$BATS_TEST_TMPDIR/r.md"
	grep -q 'Gone: known bugs no longer seen' "$BATS_TEST_TMPDIR/r.md"
	grep -qF "$line" "$BATS_TEST_TMPDIR/r.html"
}
