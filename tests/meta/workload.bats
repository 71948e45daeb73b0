#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# What goes wrong in a Linux guest on purpose, and what is said of it. Minutes: SPTEST_WORKLOADS=1.

bats_require_minimum_version 1.5.0

setup() {
	source=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	sptest=${SPTEST:-$source/build/sptest}
	out=$BATS_TEST_TMPDIR/runs
	[[ ${SPTEST_WORKLOADS:-} == 1 ]] || skip "takes minutes: SPTEST_WORKLOADS=1"
}

# provoke NAME REASON [OPTIONS...]: tests/workloads/NAME fails for a reason that begins so; nothing is left.
provoke() {
	run -1 "$sptest" workload "$source/tests/workloads/$1" --kernel 6.12 --out "$out" "${@:3}"
	echo "$output"
	reason=$(jq -r '.tests[0] | "\(.verdict): \(.reason)"' "$out/latest/summary.json")
	echo "$reason"
	[[ $reason == "fail: $2"* ]]
	run ! pgrep -f "$out"
}

@test "the guest's agent is killed" {
	provoke agent-killed "the guest got on: guest 1: the guest's agent was killed by signal 9 (Killed)"
}

@test "the guest's kernel panics" {
	provoke panic "the guest got on: guest 1: the guest's kernel panicked: Kernel panic - not syncing: sysrq triggered crash"
}

@test "the guest's disk is full" {
	provoke disk-full "the guest's jobs ended well, with their data as they were: exit status 1: fio: io_u error on file /dev/full: "
	[[ $reason == *"No space left on device"* ]]
	jq -e '.tests[0].cases[] | select(.name == "the guest got on") | .verdict == "pass"' "$out/latest/summary.json"
}

# The boot protocol's version lies at 0x206 (Documentation/arch/x86/boot.rst): 1.0 knew no initrd.
@test "the guest's kernel is none that QEMU loads" {
	cp "$(jq -r .image <("$sptest" kernels show --json 6.12))" "$BATS_TEST_TMPDIR/old"
	printf '\x00\x01' | dd of="$BATS_TEST_TMPDIR/old" bs=1 seek=$((0x206)) conv=notrunc status=none
	provoke agent-killed "the guest came up: guest 1: QEMU ended with status 1: " --guest-kernel "$BATS_TEST_TMPDIR/old"
	[[ $reason == *"linux kernel too old to load a ram disk"* ]]
}
