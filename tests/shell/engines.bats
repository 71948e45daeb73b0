#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# The same matrix through each engine that runs here: ssh to this machine, a Slurm of one node. In the place of
# sptest run stands a fake that leaves a run folder; one of its four cells fails.

bats_require_minimum_version 1.5.0

setup_file() {
	local real=${SPTEST:-${SPTEST_SOURCE:-$BATS_TEST_DIRNAME/../..}/build/sptest}

	export DIR=$BATS_FILE_TMPDIR SPTEST=$BATS_FILE_TMPDIR/sptest XDG_CACHE_HOME=$BATS_FILE_TMPDIR/cache
	cat >"$SPTEST" <<-EOF
		#!/bin/bash
		set -euo pipefail
		[[ \$1 == run ]] || exec $(realpath "$real") "\$@"
		for word; do case \$word in
			--out=*) out=\${word#--out=} ;;
			--kernel=*) kernel=\${word#--kernel=} ;;
			--mmu=*) mmu=\${word#--mmu=} ;;
		esac; done
		[[ \$kernel-\$mmu == 6.12-shadow ]] && verdict=fail || verdict=pass
		mkdir -p "\$out/20260101-000000-\$kernel-\$mmu"
		jq -n --arg kernel "\$kernel" --arg mmu "\$mmu" --arg verdict "\$verdict" '{format: 2, seed: 1,
			started: "2026-01-01T00:00:00Z", duration_s: 1, mmu: \$mmu, accel: {name: "tcg"}, coverage: [],
			kernel: {release: \$kernel, version: \$kernel}, tests: [{name: "zap/munmap", mmu: \$mmu, round: 1,
			verdict: \$verdict, reason: "", cases: []}]}' >"\$out/20260101-000000-\$kernel-\$mmu/summary.json"
		[[ \$verdict == pass ]]
	EOF
	chmod +x "$SPTEST"
	engines=$(realpath "${SPTEST_SOURCE:-$BATS_TEST_DIRNAME/../..}/ci/engines")
	export engines
}

teardown_file() {
	local file

	for file in "$DIR"/*.pid; do
		[[ ! -s $file ]] || kill "$(<"$file")" || true
	done
}

# daemon PROGRAM: where it is, which may be outside of PATH.
daemon() {
	PATH=$PATH:/usr/sbin:/sbin type -P "$1"
}

# A port that nobody listens at.
free_port() {
	local port

	for ((port = 20000 + RANDOM % 20000; ; port++)); do
		(exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
	done
	echo "$port"
}

# wait_for COMMAND...: up to a minute.
wait_for() {
	for _ in {1..600}; do
		! "$@" &>/dev/null || return 0
		sleep 0.1
	done
	return 1
}

# same_as_planned FOLDER: each cell has its verdict.
same_as_planned() {
	[[ $("$SPTEST" results list --store "$1/results.db" | grep -c 'tdp\|shadow') == 4 ]]
	[[ $(jq -c '[.totals.tests, .totals.failures]' "$1/report.json") == "[4,1]" ]]
	[[ $(cd "$1/cells" && echo */*) == "1/"*" 2/"*" 3/"*" 4/"* ]]
}

@test "GNU parallel over ssh" {
	local port sshd

	sshd=$(daemon sshd) || skip "no sshd: ci/setup engines installs it"
	type -P parallel rsync || skip "no GNU parallel or rsync: ci/setup engines installs them"
	((EUID == 0)) || skip "an sshd of one's own takes root"
	port=$(free_port)
	ssh-keygen -q -t ed25519 -N '' -f "$DIR/host"
	ssh-keygen -q -t ed25519 -N '' -f "$DIR/id"
	printf '%s\n' "Port $port" 'ListenAddress 127.0.0.1' "HostKey $DIR/host" "AuthorizedKeysFile $DIR/id.pub" \
		'StrictModes no' 'UsePAM no' 'PermitRootLogin yes' "PidFile $DIR/sshd.pid" >"$DIR/sshd_config"
	printf '%s\n' 'Host loop' 'HostName 127.0.0.1' "Port $port" "IdentityFile $DIR/id" 'IdentitiesOnly yes' \
		"UserKnownHostsFile $DIR/known" 'StrictHostKeyChecking no' 'LogLevel ERROR' >"$DIR/ssh_config"
	mkdir -p /run/sshd
	"$sshd" -f "$DIR/sshd_config" 3>&-
	export PARALLEL_SSH="ssh -F $DIR/ssh_config" RSYNC_RSH="ssh -F $DIR/ssh_config"
	wait_for ssh -F "$DIR/ssh_config" loop true
	run "$engines/parallel" loop "$DIR/parallel" --kernels 6.1,6.12 --mmu tdp,shadow
	echo "$output"
	[ "$status" -eq 1 ]
	same_as_planned "$DIR/parallel"
	[ "$(awk 'NR > 1 { print $2 }' "$DIR/parallel/joblog" | sort -u)" = loop ]
}

@test "a Slurm job array" {
	local name slurmctld slurmd

	slurmctld=$(daemon slurmctld) && slurmd=$(daemon slurmd) || skip "no Slurm: ci/setup engines installs it"
	((EUID == 0)) || skip "a slurmd of one's own takes root"
	name=$(hostname -s)
	export SLURM_CONF=$DIR/slurm.conf
	mkdir "$DIR/state" "$DIR/spool"
	printf '%s\n' ClusterName=loop "SlurmctldHost=$name(127.0.0.1)" SlurmUser=root SlurmdUser=root AuthType=auth/none \
		CredType=cred/none "SlurmctldPort=$(free_port)" "SlurmdPort=$(free_port)" "StateSaveLocation=$DIR/state" \
		"SlurmdSpoolDir=$DIR/spool" "SlurmctldPidFile=$DIR/slurmctld.pid" "SlurmdPidFile=$DIR/slurmd.pid" \
		ProctrackType=proctrack/pgid TaskPlugin=task/none SchedulerType=sched/builtin SelectType=select/linear \
		MpiDefault=none "SlurmctldLogFile=$DIR/slurmctld.log" "SlurmdLogFile=$DIR/slurmd.log" \
		"NodeName=$name NodeAddr=127.0.0.1 State=UNKNOWN" \
		"PartitionName=all Nodes=$name Default=YES MaxTime=INFINITE State=UP" >"$SLURM_CONF"
	"$slurmctld" 3>&-
	"$slurmd" 3>&-
	wait_for eval 'sinfo --noheader --format=%t | grep -q idle' || { tail "$DIR"/slurm*.log; false; }
	run "$engines/slurm" "$DIR/slurm" --kernels 6.1,6.12 --mmu tdp,shadow
	echo "$output"
	[ "$status" -eq 1 ]
	same_as_planned "$DIR/slurm"
	[ "$(find "$DIR/slurm" -name 'slurm-[1-4].log' | wc -l)" -eq 4 ]
}
