#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# Each verdict, provoked on a real machine. One run in setup_file, as a real one has many tests: what
# comes after a panic or a splat must pass on a new machine. The tests look at what it left.

load helper

setup_file() {
	meta_prepare
	export OUT=$BATS_FILE_TMPDIR/runs
	meta_command --tests 'base/pass,then/pass,kernel,ktap,skip,end/killed,end/status,time'
	"${COMMAND[@]}" >"$BATS_FILE_TMPDIR/stdout" 2>"$BATS_FILE_TMPDIR/stderr" || echo $? >"$BATS_FILE_TMPDIR/status"
}

teardown() {
	nothing_left
}

@test "the run: exit status 1, every test has its verdict" {
	cat "$BATS_FILE_TMPDIR/stdout" "$BATS_FILE_TMPDIR/stderr"
	[[ $(<"$BATS_FILE_TMPDIR/status") == 1 ]]
	[[ ! -s $BATS_FILE_TMPDIR/stderr ]]
	[[ $(jq .totals.tests "$OUT/latest/summary.json") == "$(find "$PROVOKE"/{kernel,ktap,skip,time} -type f | wc -l | awk '{ print $1 + 4 }')" ]]
	[[ $(jq .totals.lost "$OUT/latest/summary.json") == 0 ]]
}

@test "verdict files say what the summary says" {
	local name
	while IFS= read -r name; do
		[[ $(<"$OUT/latest/$(of "$name" .folder)/verdict") == "$(of "$name" .verdict)"* ]]
	done < <(jq -r '.tests[].name' "$OUT/latest/summary.json")
	xmllint --noout "$OUT/latest/junit.xml"
}

@test "pass, also after all the broken ones" {
	verdict_is base/pass pass
	verdict_is then/pass pass
	[[ $(of base/pass '.cases[0].verdict') == pass ]]
}

@test "panic: by SysRq, with fingerprint and log" {
	verdict_is kernel/panic panic '^Kernel panic - not syncing: sysrq triggered crash$'
	[[ $(of kernel/panic .fingerprint) == "sysrq_handle_crash < "* ]]
	kernel_log kernel/panic | grep -q 'Call Trace'
}

@test "panic: init killed" {
	verdict_is kernel/init_killed panic 'Attempted to kill init'
}

@test "splat: a WARNING while the test passes" {
	verdict_is kernel/splat splat 'WARNING: CPU: 0 PID: 1 at mm/provoked.c:12'
	[[ $(of kernel/splat .fingerprint) == "provoke_inner < provoke_middle < provoke_outer" ]]
	[[ $(of kernel/splat '.cases[0].verdict') == pass ]]
}

@test "splat: taint while the test passes" {
	verdict_is kernel/taint splat 'tainted: 0x40'
}

@test "a declared message passes, and is listed" {
	verdict_is kernel/declared pass
	[[ $(of kernel/declared '.expected | length') == 1 ]]
	[[ $(of kernel/declared '.expected[0]') == *"at mm/declared.c:1"* ]]
}

@test "splat: taint without the declared message" {
	verdict_is kernel/undeclared splat 'tainted: 0x20'
}

@test "every machine that a test spoilt was replaced" {
	# five spoilt it by panic, splat and taint, and so did the message that was declared
	local machines=("$OUT"/latest/machine-*)
	((${#machines[@]} == 7)) || { echo "${#machines[@]} machines"; false; }
}

@test "fail: KTAP cut short" {
	verdict_is ktap/cut fail 'plan says 3, 2 ran'
}

@test "fail: more results than planned" {
	verdict_is ktap/plan fail 'plan says 1, 2 ran'
}

@test "fail: duplicate names" {
	verdict_is ktap/duplicate fail 'duplicate name same'
}

@test "fail: no KTAP, no output" {
	verdict_is ktap/none fail 'no version line'
	verdict_is ktap/silent fail 'no version line'
}

@test "fail: exit status 0 with a failed case" {
	verdict_is ktap/lying fail 'exit status 0, but two failed'
	[[ $(of ktap/lying '[.cases[].verdict] | join(" ")') == "pass fail" ]]
}

@test "fail: Bail out!" {
	verdict_is ktap/bail fail 'Bail out! the moon is down'
}

@test "fail: killed by a signal" {
	verdict_is end/killed fail 'killed by signal 9'
}

@test "fail: exit status without a failed case" {
	verdict_is end/status fail 'exit status 3'
}

@test "skip: with and without reason" {
	verdict_is skip/reason skip '^no moon tonight$'
	verdict_is skip/bare skip '^it gave no reason$'
}

@test "timeout: stacks are in the log, the machine goes on" {
	verdict_is time/endless timeout 'still running after'
	kernel_log time/endless | grep -q 'sysrq: Show Blocked State'
	kernel_log time/endless | grep -q 'sysrq: Show State'
	kernel_log time/endless | grep -q 'task:endless'
	# the next test ran on the same machine
	kernel_log time/endless | grep -q 'sptest: end time/endless'
	grep -l 'sptest: begin time/endless' "$OUT"/latest/machine-*/console.log | xargs grep -q 'sptest: begin time/flood'
}

@test "timeout: soon after an oops, however long the test may take" {
	verdict_is kernel/oops timeout 'and after an oops; kernel log: oops: Oops: general protection'
}

@test "timeout: endless output" {
	verdict_is time/flood timeout 'still running after'
	kernel_log time/flood | grep -q 'sysrq: Show State'
}

@test "timeout: a process left its session" {
	verdict_is time/orphan timeout 'still running after'
}
