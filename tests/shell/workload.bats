#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# sptest workload, as far as it goes without a machine. SPTEST_WORKLOADS=1: also with one, on kernel 6.12.

# shellcheck disable=SC2030,SC2031 # each test runs by itself

bats_require_minimum_version 1.5.0

setup() {
	source=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	sptest=${SPTEST:-$source/build/sptest}
}

@test "every file of workloads/ and pressures/ is listed, with what it is for" {
	run -0 "$sptest" workload --list
	[ "${#lines[@]}" -eq "$(($(find "$source"/{workloads,pressures} -type f | wc -l) + 1))" ]
	for file in "$source"/pressures/*; do
		grep -q "^${file##*/} .*$(sed -n 's/^why = //p' "$file")" <<<"$output"
	done
	for file in "$source"/workloads/*; do
		grep -q "^${file##*/} .*$(sed -n 's/^proves = //p' "$file")" <<<"$output"
	done
}

@test "a glob selects; as JSON all is there that the director is told" {
	run -0 "$sptest" workload 'fio-*' --list --json
	[ "$(jq length <<<"$output")" -eq 1 ]
	jq -e '.[0] | .name == "fio-verify" and .plan.guest_mib == 384 and .plan.host_mib == 256' <<<"$output"
	jq -e '.[0].plan.jobs | length >= 2 and all(startswith("fio "))' <<<"$output"
	run -0 "$sptest" workload 'ksm-*' --list --json
	jq -e '.[0] | .plan.guests == 3 and .timeout_s == .plan.seconds + 900' <<<"$output"
	run -0 "$sptest" workload hotplug --list --json
	jq -e '.[0].plan | .hotplug_mib == 128 and .balloon_mib == 0' <<<"$output"
	run -0 "$sptest" workload churn --list --json
	jq -e '.[0].plan | .churn and .guests == 1' <<<"$output"
	run -0 "$sptest" workload numa --list --json
	jq -e '.[0].plan.numa and .[0].plan.memhog_mib == 307' <<<"$output"
	run -0 "$sptest" workload fio-verify --list --json --scale nightly
	jq -e '.[0].plan | .guest_mib == 1536 and .seconds == 3600' <<<"$output"
}

@test "a pressure is added to the plan, and to the name" {
	run -0 "$sptest" workload fio-verify --pressure compaction,memhog,mglru-off,memcg --list --json
	jq -e '.[0] | .name == "fio-verify.compaction.memhog.mglru-off.memcg" and .plan.memhog_mib == 384 and .plan.high_mib == 128' <<<"$output"
	jq -e '.[0].plan | .set[0] == ["/sys/kernel/mm/lru_gen/enabled", "0x0000"]' <<<"$output"
	jq -e '.[0].plan["each-second"] == [["/proc/sys/vm/compact_memory", "1"]]' <<<"$output"
}

@test "a pressure that is none, or makes no sense, is exit status 2 with one line" {
	for name in nonsense ../workloads/fio-verify '' 'memhog,'; do
		run -2 "$sptest" workload --pressure "$name"
		[ "${#lines[@]}" -eq 1 ]
	done
	mkdir -p "$BATS_TEST_TMPDIR"/{share/pressures,libexec}
	cp -r "$source/workloads" "$BATS_TEST_TMPDIR/share"
	cp "$sptest" "$BATS_TEST_TMPDIR/sptest"
	for line in 'set = 1' 'set = /proc/x' 'memhog = much' 'high = 1' 'high = 0 %' 'what = now' 'vmm = sleep'; do
		printf 'why = it is\n%s\n' "$line" >"$BATS_TEST_TMPDIR/share/pressures/it"
		run -2 "$BATS_TEST_TMPDIR/sptest" workload --pressure it --list
		[ "${#lines[@]}" -eq 1 ]
		[[ $output == *"share/pressures/it:2: "* ]]
	done
}

@test "what a VMM is made to do must go with the guest's memory" {
	run -0 "$sptest" workload stress-vm --pressure vmm-fork,memslots --list --json
	jq -e '.[0] | .name == "stress-vm.vmm-fork.memslots" and .plan.vmm == { fork: true, memslots: true }' <<<"$output"
	run -0 "$sptest" workload shared-memory --pressure hole-punch --list --json
	jq -e '.[0].plan.vmm == { punch: true }' <<<"$output"
	run -2 "$sptest" workload stress-vm --pressure hole-punch
	[ "$output" = "sptest: --pressure hole-punch: stress-vm has anonymous memory, into which QEMU punches no holes: backing = memfd is wanted" ]
	run -2 "$sptest" workload churn --pressure memslots
	[ "$output" = "sptest: --pressure memslots: churn has no VMM that stays: leave one of both out" ]
	run -2 "$sptest" workload shared-memory --pressure memslots,vmm-fork
	[ "$output" = "sptest: --pressure vmm-fork: shared-memory.memslots has shared memory, of which fork() copies nothing: backing = anonymous, locked or nosharepages is wanted" ]
}

@test "what is no workload, no scale or not for workloads is exit status 2 with one line" {
	run -2 "$sptest" deadlock seq-int --repeat 2
	[ "${#lines[@]}" -eq 1 ]
	for words in nonsense 'nonsense --json'; do
		read -ra words <<<"$words"
		run -2 "$sptest" deadlock --list "${words[@]}"
		[ "$output" = "sptest: no deadlock matches nonsense; sptest deadlock --list names them" ]
	done
	for words in nonsense '--repeat 0' '--scale huge' 'fio-verify stress-vm' '--tests zap/munmap' '--memory 512'; do
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

@test "a workload that makes no sense says where: file, line and what is wanted" {
	guest=$(grep -n '^guest = ' "$source/workloads/fio-verify" | cut -d: -f1)
	damaged 's/^guest = .*/guest = lots/'
	[[ $output == *"share/workloads/it:$guest: guest = lots: a percentage"*"is wanted" ]]
	for value in 150 '150%' '-5 %' '1001 %' '0 %' ''; do
		damaged "s/^guest = .*/guest = $value/"
		[[ $output == *"/it:$guest: guest = $value: "*"is wanted" ]]
	done
	for value in 0 17 two 2x -1; do
		damaged "s/^disk = .*/guests = $value/"
		[[ $output == *"guests = $value: a number from 1 to 16 is wanted" ]]
	done
	damaged "$guest i guests = 2"
	[[ $output == *"/it:$guest: guests = 2: 1, as there is one disk, is wanted" ]]
	damaged 's/^pattern = .*/pattern = 150 %/'
	[[ $output == *"/it:$((guest + 1)): pattern = 150 %: less than the guest has is wanted" ]]
	damaged 's/^disk = .*/balloon = 90 %/'
	[[ $output == *": balloon = 90 %: less than the guest has beside its pattern is wanted" ]]
	damaged 's/^disk = .*/balloon = 0 %/'
	[[ $output == *": balloon = 0 %: more than nothing is wanted" ]]
	damaged 's/^disk = .*/hotplug = 40 %/'
	[[ $output == *": hotplug = 40 %: 128 MiB or more is wanted" ]]
	damaged 's/^disk = .*/balloon = 10 %\nhotplug = 50 %/'
	[[ $output == *": balloon = 10 %: that or hotplug is wanted" ]]
	damaged 's/^ksm = .*/ksm = maybe/'
	[[ $output == *"/it:$((guest + 4)): ksm = maybe: on or off is wanted" ]]
	damaged 's/^ksm = .*/numa = both/'
	[[ $output == *"/it:$((guest + 4)): numa = both: on or off is wanted" ]]
	damaged 's/^ksm = .*/backing = memfd\nchurn = on/; /^disk/d'
	[[ $output == *": backing = memfd: memory that is private, for churn, is wanted" ]]
	damaged 's/^ksm = .*/churn = on/'
	[[ $output == *": churn = on: no balloon, hotplug, numa or disk beside it is wanted" ]]
	damaged "$guest a guest = 100 %"
	[[ $output == *"/it:$((guest + 1)): guest a second time" ]]
	damaged 's/^swap = /swop = /'
	[[ $output == *"/it:$((guest + 3)): unknown key \"swop\"" ]]
	damaged 's/^swap = /swap: /'
	[[ $output == *"/it:$((guest + 3)): not \"key = value\": swap: 400 %" ]]
	damaged '0,/^job = /s/^job = .*/job =/'
	[[ $output == *"/it:$((guest + 6)): job = : some text is wanted" ]]
	damaged 's/^ksm = .*/backing = file/'
	[[ $output == *": backing = file: anonymous, memfd, hugepages, locked or nosharepages is wanted" ]]
	for value in -1 1024 0-1 none; do
		damaged "s/^disk = .*/node = $value/"
		[[ $output == *": node = $value: the number of a NUMA node is wanted" ]]
	done
	damaged 's/^disk = .*/cpus = 65/'
	[[ $output == *": cpus = 65: a number from 1 to 64 is wanted" ]]
	damaged 's/^disk = .*/iothreads = 0/'
	[[ $output == *": iothreads = 0: a number from 1 to 16 is wanted" ]]
	for key in job proves guest; do
		damaged "/^$key = /d"
		[[ $output == *"/it: no line \"$key = \"" ]]
	done
}

@test "--duration is instead of the scale's, in whatever order" {
	for words in '--duration 90s --scale nightly' '--scale nightly --duration 90s'; do
		read -ra words <<<"$words"
		run -0 "$sptest" workload fio-verify --list --json "${words[@]}"
		jq -e '.[0] | .plan.seconds == 90 and .plan.host_mib == 1024 and .timeout_s == 390' <<<"$output"
	done
	run -0 "$sptest" workload fio-verify --list --json --duration 2h
	jq -e '.[0].plan | .seconds == 7200 and .host_mib == 256' <<<"$output"
	for command in workload 'deadlock i-mmap-2008'; do
		read -ra command <<<"$command"
		for time in 90 0s -1s 5x 1.5h soon '10 m' ''; do
			run -2 "$sptest" "${command[@]}" --duration "$time"
			[ "$output" = "sptest: --duration $time: a time is wanted, like 90s, 10m or 2h" ]
		done
	done
}

@test "a file of one's own is named by its path" {
	cp "$source/workloads/stress-vm" "$BATS_TEST_TMPDIR/mine"
	cd "$BATS_TEST_TMPDIR"
	run -0 "$sptest" workload ./mine --list --json
	jq -e 'length == 1 and .[0].name == "mine" and .[0].group == "workload"' <<<"$output"
	echo 'guest = 5 %' >>mine
	run -2 "$sptest" workload ./mine
	[ "$output" = "sptest: $BATS_TEST_TMPDIR/mine:$(wc -l <mine): guest a second time" ]
	run -2 "$sptest" workload ./yours
	[ "$output" = "sptest: ./yours: No such file or directory" ]
	run -2 "$sptest" workload ./
	[ "${#lines[@]}" -eq 1 ]
	run -2 "$sptest" deadlock "$source/workloads/fio-verify"
	[[ $output == *'fio-verify: no line "signature = "' ]]
	sed 's/^signature = .*/signature = a(b/' "$source/deadlocks/i-mmap-2008" >bad
	run -2 "$sptest" deadlock ./bad
	[[ $output == *"/bad:$(grep -n ^signature bad | cut -d: -f1): signature = a(b: an extended regular expression is wanted" ]]
}

@test "a guest's kernel that is none is refused before anything starts" {
	out=$BATS_TEST_TMPDIR/runs
	run -2 "$sptest" workload fio-verify --out "$out" --guest-kernel "$BATS_TEST_TMPDIR/none"
	[ "$output" = "sptest: $BATS_TEST_TMPDIR/none: No such file or directory" ]
	echo 'no kernel' >"$BATS_TEST_TMPDIR/text"
	run -2 "$sptest" workload fio-verify --out "$out" --guest-kernel "$BATS_TEST_TMPDIR/text"
	[[ $output == "sptest: $BATS_TEST_TMPDIR/text: not a bzImage: "* ]]
	[ "${#lines[@]}" -eq 1 ]
	[ ! -e "$out" ]
}

@test "--here leaves the machine's memory as it is" {
	run -0 "$sptest" workload '*' --here --list --json
	jq -e 'all(.plan | .swap_mib == 0 and .memhog_mib == 0 and .ksm == false and .guest_mib >= 128)' <<<"$output"
	[ "$(jq length <<<"$output")" -eq "$(find "$source/workloads" -type f | wc -l)" ]
	for words in 'workload --kernel 6.12' 'workload --append x=y' 'workload --pressure memhog' 'deadlock seq-int'; do
		read -ra words <<<"$words"
		run -2 "$sptest" "${words[@]}" --here
		[ "${#lines[@]}" -eq 1 ]
		((EUID)) || [[ $output == *--here* ]]
	done
}

@test "a build without libvirt says what to install" {
	((EUID == 0)) || skip "--here is for root"
	mkdir -p "$BATS_TEST_TMPDIR"/{share,libexec}
	cp -r "$source/workloads" "$BATS_TEST_TMPDIR/share"
	cp "$sptest" "$BATS_TEST_TMPDIR/sptest"
	run -2 "$BATS_TEST_TMPDIR/sptest" workload fio-verify --here
	[ "$output" = "sptest: --here: this sptest was built without libvirt: install libvirt-dev, then build again" ]
}

@test "deadlocks are listed; one is wanted" {
	run -0 "$sptest" deadlock --list --json
	jq -e 'all(.mutant and .signature and (.plan.jobs or .tests))' <<<"$output"
	[ "$(jq length <<<"$output")" -eq "$(find "$source/deadlocks" -type f | wc -l)" ]
	for mutant in $(jq -r '.[].mutant' <<<"$output"); do
		[ -e "$source/kernel-config/mutants/$mutant.conf" ]
	done
	for words in nonsense ''; do
		run -2 "$sptest" deadlock $words
		[ "${#lines[@]}" -eq 1 ]
	done
}

@test "a deadlock by a selftest has nothing of guests" {
	cd "$BATS_TEST_TMPDIR"
	cp "$source/deadlocks/fork-enomem" mine
	run -2 "$sptest" deadlock ./mine --pressure memhog
	[ "$output" = "sptest: --pressure, --duration and --guest-kernel are of guests: this deadlock has none" ]
	sed 's/^tests = .*/tests = zap/' "$source/deadlocks/fork-enomem" >several
	run -2 "$sptest" deadlock ./several
	[ "$output" = "sptest: tests = zap: the name of one test is wanted; sptest list has them" ]
	echo 'guest = 50 %' >>mine
	run -2 "$sptest" deadlock ./mine
	[ "$output" = "sptest: $PWD/mine:$(wc -l <mine): guest = 50 %: no such line beside \"tests = \" is wanted" ]
}

@test "options of a deadlock's file come before those of the command line, and are checked alike" {
	cd "$BATS_TEST_TMPDIR"
	{ cat "$source/deadlocks/i-mmap-2008"; echo 'option = --duration=5x'; } >mine
	run -2 "$sptest" deadlock ./mine
	[ "$output" = "sptest: --duration 5x: a time is wanted, like 90s, 10m or 2h" ]
	sed -i 's/5x/5s/' mine
	run -2 "$sptest" deadlock ./mine --kernel "$PWD/none"
	[ "$output" = "sptest: $PWD/none: No such file or directory" ]
	sed 's/^job = .*/&\noption = --seed=1/' "$source/workloads/fio-verify" >load
	run -2 "$sptest" workload ./load
	[[ $output == *": option = --seed=1: a deadlock's file is wanted" ]]
}

@test "one's own deadlocks are listed with the others; none is written over" {
	export XDG_CONFIG_HOME=$BATS_TEST_TMPDIR/config
	mkdir -p "$XDG_CONFIG_HOME/sptest/deadlocks"
	cp "$source/deadlocks/i-mmap-2008" "$XDG_CONFIG_HOME/sptest/deadlocks/mine"
	run -0 "$sptest" deadlock --list
	[[ $output == *$'\nmine  '* ]]
	cd "$BATS_TEST_TMPDIR"
	touch there
	for name in mine seq-int ./there; do
		run -2 "$sptest" deadlock i-mmap-2008 --save "$name"
		[[ $output == "sptest: --save $name: "*" is there already; choose another name" ]]
	done
	run -2 "$sptest" deadlock i-mmap-2008 --minimise
	[ "$output" = "sptest: --minimise: --save NAME is wanted as well, for what comes out" ]
	run -2 "$sptest" workload fio-verify --save mine
	[ "$output" = "sptest: --save and --minimise are of sptest deadlock; see --help" ]
}

@test "the workloads pass on 6.12" {
	[[ ${SPTEST_WORKLOADS:-} == 1 ]] || skip "they take minutes: SPTEST_WORKLOADS=1"
	run -0 "$sptest" workload --kernel 6.12 --out "$BATS_TEST_TMPDIR/runs"
	[ "$(jq .totals.pass "$BATS_TEST_TMPDIR/runs/latest/summary.json")" -eq "$(find "$source/workloads" -type f | wc -l)" ]
	grep -q -- "workload .* --scale small" "$BATS_TEST_TMPDIR"/runs/latest/tests/*/reproduce.sh
	run ! pgrep -f "$BATS_TEST_TMPDIR"
}
