	[[ $EUID -eq 0 && -r /dev/kmsg ]] || skip "--here is for root with a kernel log"#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# --here: the agent on this machine instead of a machine's init. Needs root, as --here does.

load helper

setup() {
	((EUID == 0)) || skip "--here is for root"
}

setup_file() {
	meta_prepare
}

teardown() {
	[[ -z ${PID:-} ]] || kill -KILL "$PID" 2>/dev/null || true
	until_true no_sleepers
	nothing_left
}

# The provokers' processes on this machine.
no_sleepers() {
	! pgrep -f "$PROVOKE/|sleep $NAP"
}

meta_command() {
	OUT=${OUT:-$BATS_TEST_TMPDIR/runs}
	# shellcheck disable=SC2034 # used by meta_run
	COMMAND=("$SPTEST" run --here --selftests "$PROVOKE" --out "$OUT" "$@")
}

begun() {
	pgrep -f "$PROVOKE/base/sleep$" >/dev/null
}

@test "--here: verdicts" {
	meta_run --tests 'base/pass,ktap/lying,skip/reason,end/killed'
	[[ $status -eq 1 ]]
	verdict_is base/pass pass
	verdict_is ktap/lying fail
	verdict_is skip/reason skip
	verdict_is end/killed fail 'killed by signal 9'
}

@test "--here: the agent killed: lost, its test goes with it, the rest runs" {
	meta_run --tests 'end/agent_killed,end/status'
	[[ $status -eq 1 ]]
	verdict_is end/agent_killed lost 'killed by signal 9'
	verdict_is end/status fail 'exit status 3'
}

@test "--here: a test that never ends" {
	meta_run --tests 'time/endless,skip/bare'
	[[ $status -eq 1 ]]
	verdict_is time/endless timeout
	verdict_is skip/bare skip
}

@test "--here: Ctrl-C" {
	meta_start --tests base/sleep
	until_true begun
	kill -s INT "$PID"
	meta_wait
	[[ $ENDED -eq 130 ]]
	verdict_is base/sleep lost interrupted
}

@test "--here: sptest killed: its test goes with it" {
	meta_start --tests base/sleep
	until_true begun
	kill -s KILL "$PID"
	meta_wait
	[[ $ENDED -eq 137 ]]
	[[ $(<"$OUT/latest/tests/base-sleep/verdict") == "lost: never finished" ]]
}
