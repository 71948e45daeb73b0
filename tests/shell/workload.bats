#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# sptest workload, as far as it goes without a machine. SPTEST_WORKLOADS=1: also with one, on kernel 6.12.

# shellcheck disable=SC2030,SC2031 # each test runs by itself

bats_require_minimum_version 1.5.0

setup() {
	source=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	sptest=${SPTEST:-$source/build/sptest}
}

@test "every file of workloads/ is listed, with what it proves" {
	run -0 "$sptest" workload --list
	[ "${#lines[@]}" -eq "$(find "$source/workloads" -type f | wc -l)" ]
	for file in "$source"/workloads/*; do
		grep -q "^${file##*/} .*$(sed -n 's/^proves = //p' "$file")" <<<"$output"
	done
}

@test "a glob selects; as JSON all is there that the director is told" {
	run -0 "$sptest" workload 'fio-*' --list --json
	[ "$(jq length <<<"$output")" -eq 1 ]
	jq -e '.[0] | .name == "fio-verify" and .plan.guest_mib == 384 and .plan.host_mib == 256' <<<"$output"
	jq -e '.[0].plan.jobs | length >= 2 and all(startswith("fio "))' <<<"$output"
	run -0 "$sptest" workload fio-verify --list --json --scale nightly
	jq -e '.[0].plan | .guest_mib == 1536 and .seconds == 3600' <<<"$output"
}

@test "what is no workload, no scale or not for workloads is exit status 2 with one line" {
	for words in nonsense '--scale huge' 'fio-verify stress-vm' '--tests zap/munmap' '--memory 512'; do
		read -ra words <<<"$words"
		run -2 "$sptest" workload "${words[@]}"
		[ "${#lines[@]}" -eq 1 ]
	done
}

# damaged SED-SCRIPT: an installation with a workload that it altered; what --list says of it.
damaged() {
	mkdir -p "$BATS_TEST_TMPDIR/share/workloads"
	sed -E "$1" "$source/workloads/fio-verify" >"$BATS_TEST_TMPDIR/share/workloads/it"
	cp "$sptest" "$BATS_TEST_TMPDIR/sptest"
	mkdir -p "$BATS_TEST_TMPDIR/libexec"
	run -2 "$BATS_TEST_TMPDIR/sptest" workload --list
	[ "${#lines[@]}" -eq 1 ]
}

@test "a workload that makes no sense says where" {
	damaged 's/^guest = .*/guest = lots/'
	[[ $output == *"guest = lots: a percentage is wanted"* ]]
	damaged 's/^ksm = .*/ksm = maybe/'
	[[ $output == *"on or off is wanted"* ]]
	damaged '/^job = /d'
	[[ $output == *"no job"* ]]
	damaged '/^proves = /d'
	[[ $output == *proves* ]]
	damaged 's/^swap = /swop = /'
	[[ $output == *'unknown key "swop"'* ]]
}

@test "deadlocks are listed; one is wanted" {
	run -0 "$sptest" deadlock --list --json
	jq -e 'all(.mutant and .signature and .plan.jobs)' <<<"$output"
	[ "$(jq length <<<"$output")" -eq "$(find "$source/deadlocks" -type f | wc -l)" ]
	for mutant in $(jq -r '.[].mutant' <<<"$output"); do
		[ -e "$source/kernel-config/mutants/$mutant.conf" ]
	done
	for words in nonsense ''; do
		run -2 "$sptest" deadlock $words
		[ "${#lines[@]}" -eq 1 ]
	done
}

@test "the workloads pass on 6.12" {
	[[ ${SPTEST_WORKLOADS:-} == 1 ]] || skip "they take minutes: SPTEST_WORKLOADS=1"
	run -0 "$sptest" workload --kernel 6.12 --out "$BATS_TEST_TMPDIR/runs"
	[ "$(jq .totals.pass "$BATS_TEST_TMPDIR/runs/latest/summary.json")" -eq "$(find "$source/workloads" -type f | wc -l)" ]
	grep -q -- "workload .* --scale small" "$BATS_TEST_TMPDIR"/runs/latest/tests/*/reproduce.sh
	run ! pgrep -f "$BATS_TEST_TMPDIR"
}
