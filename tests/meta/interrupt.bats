#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# sptest interrupted, terminated and killed in the middle of a test.

load helper

setup_file() {
	meta_prepare
}

teardown() {
	[[ -z ${PID:-} ]] || kill -KILL "$PID" 2>/dev/null || true
	nothing_left
}

# interrupt SIGNAL: while base/sleep sleeps and another test is still to come.
interrupt() {
	meta_start --tests 'base/pass,base/sleep,skip/reason'
	until_true asleep
	kill -s "$1" "$PID"
	meta_wait
	[[ $ENDED -eq 130 ]] || { echo "exit status $ENDED"; return 1; }
	verdict_is base/pass pass
	verdict_is base/sleep lost 'interrupted'
	[[ $(<"$OUT/latest/tests/base-sleep/verdict") == lost:* ]]
	[[ $(of base/sleep '.cases[0].verdict') == pass ]]
	[[ -z $(of skip/reason .verdict) ]]
	xmllint --noout "$OUT/latest/junit.xml"
}

@test "Ctrl-C" {
	interrupt INT
}

@test "SIGTERM" {
	interrupt TERM
}

@test "SIGHUP" {
	interrupt HUP
}

@test "Ctrl-C at a terminal, which also reaches sptest's children" {
	meta_start_group --tests 'base/pass,base/sleep,skip/reason'
	until_true asleep
	kill -s INT -- "-$PID"
	meta_wait
	[[ $ENDED -eq 130 ]]
	verdict_is base/sleep lost 'interrupted'
	[[ $(machine_count) -eq 1 ]]
}

@test "Ctrl-C while a machine starts" {
	meta_start --tests 'base/pass' --no-snapshot
	until_true machines
	kill -s INT "$PID"
	meta_wait
	[[ $ENDED -eq 130 ]]
	[[ $(jq .totals.tests "$OUT/latest/summary.json") == 0 ]]
}

@test "SIGKILL: the verdict on disk is lost, no QEMU is left" {
	meta_start --tests 'base/pass,base/sleep'
	until_true asleep
	kill -s KILL "$PID"
	meta_wait
	[[ $ENDED -eq 137 ]]
	until_true no_machines
	[[ $(<"$OUT/latest/tests/base-pass/verdict") == pass ]]
	[[ $(<"$OUT/latest/tests/base-sleep/verdict") == "lost: never finished" ]]
	[[ ! -e $OUT/latest/summary.json ]]
}
