#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# Machines that fall silent, vanish or do not start: the verdict, the evidence, and that the tests
# after it run.

load helper

setup_file() {
	meta_prepare
}

teardown() {
	[[ -z ${PID:-} ]] || kill -KILL "$PID" 2>/dev/null || true
	nothing_left
}

@test "hang from inside: stacks by SysRq or NMI, registers, the next test passes" {
	meta_run --tests 'hang,then/pass' --jobs 2
	[[ $status -eq 1 ]]
	verdict_is hang/starve hang 'no sign of life'
	verdict_is hang/mute hang 'no sign of life'
	verdict_is then/pass pass
	kernel_log hang/starve | grep -q 'sysrq: Show Blocked State'
	kernel_log hang/starve | grep -q 'sysrq: Show State'
	kernel_log hang/starve | grep -q 'task:starve .* state:R'
	kernel_log_lacks hang/starve 'Kernel panic'
	kernel_log hang/mute | grep -q 'Kernel panic.*NMI'
	for name in starve mute; do
		grep -q '^CPU#1' "$OUT/latest/tests/hang-$name/registers"
		grep -q 'CR3=' "$OUT/latest/tests/hang-$name/registers"
	done
}

@test "hang from outside: QEMU stopped" {
	meta_start --tests 'base/sleep,then/pass'
	until_true asleep
	pkill -STOP -f "qemu-system.* $XDG_CACHE_HOME/"
	meta_wait
	[[ $ENDED -eq 1 ]]
	verdict_is base/sleep hang 'no sign of life for 10 s, nor does QEMU answer'
	verdict_is then/pass pass
}

@test "lost: QEMU killed; the rest runs on a new machine" {
	meta_start --tests 'base/sleep,then/pass'
	until_true asleep
	[[ $(<"$OUT/latest/tests/base-sleep/verdict") == "lost: never finished" ]]
	pkill -KILL -f "qemu-system.* $XDG_CACHE_HOME/"
	meta_wait
	[[ $ENDED -eq 1 ]]
	verdict_is base/sleep lost 'killed by signal 9'
	[[ $(of base/sleep '.cases[0].verdict') == pass ]]
	verdict_is then/pass pass
}

@test "a kernel that panics at boot: a second try, then every test lost" {
	meta_run --tests 'base/pass,then/pass' --append 'rdinit=/nonexistent root=/dev/nothing rootwait=0'
	[[ $status -eq 1 ]]
	verdict_is base/pass lost 'did not start: .*Kernel panic'
	verdict_is then/pass lost 'did not start: .*Kernel panic'
	[[ $(machine_count) -eq 2 ]]
}

@test "a spoilt snapshot: boots instead, and takes a new one" {
	local snapshot spoilt

	meta_run --tests 'base/pass'
	[[ $status -eq 0 ]]
	snapshot=$(find "$XDG_CACHE_HOME/sptest/snapshots" -type f -printf '%T@ %p\n' | sort -n | tail -1 | cut -d' ' -f2)
	truncate -s 30M "$snapshot"
	spoilt=$(stat -c %i "$snapshot")
	meta_run --tests 'base/pass'
	[[ $status -eq 0 ]]
	[[ $output == *"$snapshot does not start, booting instead"* ]]
	verdict_is base/pass pass
	[[ -s $snapshot && $(stat -c %i "$snapshot") != "$spoilt" ]]
	# and the new one is in use
	meta_run --tests 'base/pass'
	run ! grep "Linux version" "$OUT"/latest/machine-1/console.log
}

@test "--no-snapshot boots, --isolate takes a machine for each test" {
	meta_run --tests 'base/pass,then/pass' --isolate
	[[ $status -eq 0 ]]
	[[ $(machine_count) -eq 2 ]]
	meta_run --tests 'base/pass' --no-snapshot
	[[ $status -eq 0 ]]
	grep -q 'Linux version' "$OUT"/latest/machine-1/console.log
}

@test "--jobs 2: two machines, the same verdicts" {
	# Rounds enough that the second machine is up before the first has done everything.
	meta_run --tests 'base/pass,ktap/lying,skip/reason' --jobs 2 --repeat 15
	[[ $status -eq 1 ]]
	[[ $(of base/pass .verdict | sort | uniq -c | xargs) == "15 pass" ]]
	[[ $(of ktap/lying .verdict | sort | uniq -c | xargs) == "15 fail" ]]
	[[ $(of skip/reason .verdict | sort | uniq -c | xargs) == "15 skip" ]]
	[[ $(machine_count) -eq 2 ]]
	for log in "$OUT"/latest/machine-*/console.log; do
		grep -q 'sptest: end' "$log"
	done
}
