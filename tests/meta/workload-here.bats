#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# Guests of this machine's own libvirt (sptest workload --here), emulated, and what goes wrong with them on purpose. Each
# test has a libvirtd of its own. A minute each: SPTEST_WORKLOADS=1.

# shellcheck disable=SC2016 # words for the shell that is with libvirt

bats_require_minimum_version 1.5.0

setup_file() {
	export CACHE=$BATS_FILE_TMPDIR/libvirt
}

setup() {
	source=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	sptest=${SPTEST:-$source/build/sptest}
	out=$BATS_TEST_TMPDIR/runs
	[[ ${SPTEST_WORKLOADS:-} == 1 ]] || skip "takes minutes: SPTEST_WORKLOADS=1"
	((EUID == 0)) || skip "--here is for root"
	cat >"$BATS_TEST_TMPDIR/short" <<-end
		proves = a guest comes up, works and is through
		guest = 60 %
		pattern = 5 %
		disk = 10 %
		job = echo it works | tee /tmp/said && dd if=/dev/zero of=/dev/vdb bs=64k count=10
	end
	cat >"$BATS_TEST_TMPDIR/long" <<-end
		proves = a guest works until something else ends it
		guest = 60 %
		pattern = 5 %
		job = sleep 600
	end
}

# with_libvirt COMMAND...
with_libvirt() {
	unshare -m "$source/tests/libvirtd" "$CACHE" "$@"
}

# Of all that a guest takes nothing is there any more: QEMU has its log in the run's folder, too.
nothing_left() {
	run ! pgrep -f "$out"
	[ -z "$(find /tmp /dev/shm -maxdepth 1 \( -name 'sptest-??????' -o -name 'sptest-[0-9]*' \) -newer "$BATS_TEST_TMPDIR/short")" ]
	[ -z "$(find "$out" -name 'data-*')" ]
}

# The verdict of the one test, and its reason begins so.
verdict_is() {
	reason=$(jq -r '.tests[0] | "\(.verdict): \(.reason)"' "$out/latest/summary.json")
	echo "$reason"
	[[ $reason == "$1"* ]]
}

# provoke STATUS FILE VERDICT: a workload with --here ends so, and leaves nothing.
provoke() {
	run with_libvirt "$sptest" workload "$2" --here --guest-kernel 6.12 --out "$out"
	echo "$output"
	[ "$status" -eq "$1" ]
	verdict_is "$3"
	nothing_left
}

# while_working COMMAND: a shell command as soon as the guest works, $1 is its QEMU; with the workload "long".
while_working() {
	cat >"$BATS_TEST_TMPDIR/meanwhile" <<-end
		"$sptest" workload "$BATS_TEST_TMPDIR/long" --here --guest-kernel 6.12 --out "$out" &
		until grep -qs '^ok 1 ' "$out"/*/tests/*/ktap; do sleep 0.2; done
		set -- \$(pgrep -f "guest=sptest-1,.*$out")
		$1
		wait %1
		status=\$?
		timeout 60 bash -c 'while kill -0 "\$1" 2>/dev/null; do sleep 0.2; done' - "\$1"
		exit \$status
	end
	with_libvirt bash "$BATS_TEST_TMPDIR/meanwhile"
}

@test "a guest of libvirt passes, with a disk; its description is kept, and valid" {
	provoke 0 "$BATS_TEST_TMPDIR/short" "pass: "
	jq -e '.tests[0].cases | map(select(.verdict == "pass").name) | index("the guest got on")' "$out/latest/summary.json"
	xmllint --noout --relaxng /usr/share/libvirt/schemas/domain.rng "$out"/latest/tests/*/domain-1.xml
	grep -q -- --here "$out"/latest/tests/*/reproduce.sh
}

# resized LINE: a guest whose file has this line too; its memory is taken and given, both, by libvirt.
resized() {
	sed "s/^job = .*/job = sleep 60/; s/^guest = .*/guest = 120 %/; \$a $1" "$BATS_TEST_TMPDIR/short" >"$BATS_TEST_TMPDIR/resized"
	provoke 0 "$BATS_TEST_TMPDIR/resized" "pass: "
	jq -e '.tests[0].cases[] | select(.name == "memory was taken from the guest and given to it") | .verdict == "pass"' \
		"$out/latest/summary.json"
}

@test "a balloon takes memory from the guest and gives it back" {
	resized "balloon = 20 %"
}

@test "memory is plugged into the guest and taken back" {
	resized "hotplug = 50 %"
}

@test "the guest's agent is killed" {
	provoke 1 "$source/tests/workloads/agent-killed" "fail: the guest got on: guest 1: the guest's agent was killed by signal 9 (Killed)"
}

@test "the guest's kernel panics" {
	provoke 1 "$source/tests/workloads/panic" "fail: the guest got on: guest 1: the guest's kernel panicked: Kernel panic - not syncing: sysrq triggered crash"
}

@test "libvirt's daemon is killed" {
	run -1 while_working 'kill -KILL "$LIBVIRTD"'
	echo "$output"
	verdict_is "fail: the guest got on: guest 1: libvirt's daemon is gone: "
	nothing_left
}

@test "libvirt's daemon stands still" {
	run -1 while_working 'kill -STOP "$LIBVIRTD"'
	echo "$output"
	verdict_is "fail: the guest got on: guest 1: libvirt's daemon is gone: it answers no more"
	nothing_left
}

@test "the guest's QEMU is killed" {
	run -1 while_working 'kill -KILL "$1"'
	echo "$output"
	verdict_is "fail: the guest got on: guest 1: the domain ended: "
	nothing_left
}

@test "the director is killed: libvirt ends its guests" {
	run -1 while_working 'kill -KILL "$(pgrep -f "workload-here '"$out"'")"'
	echo "$output"
	verdict_is "fail: killed by signal 9 (Killed)"
	nothing_left
}

@test "libvirt's daemon is not there" {
	run -1 with_libvirt bash -c 'kill "$LIBVIRTD"; while kill -0 "$LIBVIRTD" 2>/dev/null; do sleep 0.1; done; exec "$@"' - \
		"$sptest" workload "$BATS_TEST_TMPDIR/short" --here --guest-kernel 6.12 --out "$out"
	echo "$output"
	verdict_is "fail: the guest came up: libvirt at qemu:///system: Failed to connect socket to "
	nothing_left
}

@test "the image of the guests is not there" {
	provoke 0 "$BATS_TEST_TMPDIR/short" "pass: "
	jq '.here.image = "/nowhere/image.iso"' "$out"/latest/tests/*/plan.json >"$BATS_TEST_TMPDIR/plan.json"
	run -1 with_libvirt "${sptest%/*}/libexec/workload-here" "$BATS_TEST_TMPDIR/plan.json"
	echo "$output"
	[[ $output == *"# guest 1: libvirt does not start it: "*"/nowhere/image.iso"*"No such file or directory"* ]]
	[[ $output == *"not ok 1 the guest came up"* ]]
	nothing_left
}
