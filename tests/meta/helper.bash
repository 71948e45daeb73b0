# shellcheck shell=bash disable=SC2034,SC2154 # variables of bats, and for the tests
# SPDX-License-Identifier: GPL-2.0-only
# What the meta tests share: sptest with provokers for tests, a cache of its own for each file, what
# it left behind. TCG everywhere: the same on every machine, and a KVM is not put at risk.

bats_require_minimum_version 1.5.0

# setup_file: the kernel comes from the user's cache; everything else goes below this file's folder.
meta_prepare() {
	local source name

	source=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	export SPTEST=${SPTEST:-$source/build/sptest} PROVOKE=$BATS_FILE_TMPDIR/provoke
	KERNEL=$("$SPTEST" kernels show --json "${META_KERNEL:-6.1}" | jq -r .image)
	export KERNEL
	cp -r "$source/tests/meta/provoke" "$PROVOKE"
	# Told apart from that of any other run on this machine.
	export NAP=$((1000000 + BASHPID))
	sed -i "s/1199/$NAP/" "$PROVOKE/base/sleep"
	mkdir -p "$PROVOKE/hang" "$BATS_FILE_TMPDIR/tmp"
	for name in starve mute; do
		"${CC:-cc}" -Wall -Wextra -Werror -O2 -D_GNU_SOURCE -DNAME="\"$name\"" \
			-o "$PROVOKE/hang/$name" "$PROVOKE/starve.c"
	done
	export XDG_CACHE_HOME=$BATS_FILE_TMPDIR/cache TMPDIR=$BATS_FILE_TMPDIR/tmp
	export SPTEST_SLOWNESS=2
}

# The command line of a run of provokers, in the array COMMAND. OUT is where its folder goes.
meta_command() {
	OUT=${OUT:-$BATS_TEST_TMPDIR/runs}
	COMMAND=("$SPTEST" run --kernel "$KERNEL" --accel tcg --selftests "$PROVOKE" --jobs 1
		--out "$OUT" "$@")
}

# meta_run OPTIONS...: $status, $output, $stderr as bats' run has them.
meta_run() {
	meta_command "$@"
	run --separate-stderr "${COMMAND[@]}"
	echo "$output"
	# shellcheck disable=SC2154 # set by bats
	echo "$stderr"
}

# meta_start OPTIONS...: in the background, its process in PID.
meta_start() {
	meta_command "$@"
	"${COMMAND[@]}" >"$BATS_TEST_TMPDIR/stdout" 2>"$BATS_TEST_TMPDIR/stderr" 3>&- &
	PID=$!
}

# As from a terminal: a process group of its own, so that a signal can go to all of it.
meta_start_group() {
	meta_command "$@"
	setsid "${COMMAND[@]}" >"$BATS_TEST_TMPDIR/stdout" 2>"$BATS_TEST_TMPDIR/stderr" 3>&- &
	PID=$!
}

# The end of what meta_start began: its exit status in ENDED.
meta_wait() {
	ENDED=0
	wait "$PID" || ENDED=$?
	cat "$BATS_TEST_TMPDIR/stdout" "$BATS_TEST_TMPDIR/stderr"
}

# until_true COMMAND...: a minute's patience, which only a failing test uses up.
until_true() {
	local tries

	for ((tries = 0; tries < 600; tries++)); do
		! "$@" || return 0
		sleep 0.1
	done
	echo "never: $*"
	return 1
}

# Is base/sleep in the middle of its sleep, and has sptest read all it said before? The kernel log may be
# ahead of the test's output.
asleep() {
	cat "$OUT"/latest/machine-*/console.log 2>/dev/null | grep -q 'meta: asleep' &&
		grep -qx 'ok 1 before' "$OUT/latest/tests/base-sleep/ktap"
}

# How many machines the last run started.
machine_count() {
	find "$OUT/latest/" -maxdepth 1 -name "machine-*" | wc -l
}

# use_out DIR: where runs go from now on.
use_out() {
	OUT=$1
}

# The QEMU processes of this file's runs: its cache is in their command lines.
machines() {
	pgrep -f "qemu-system.* $XDG_CACHE_HOME/"
}

no_machines() {
	! machines
}

# of NAME JQ-PATH: of that test in the last run's summary.
of() {
	jq -r --arg name "$1" ".tests[] | select(.name == \$name) | $2" "$OUT/latest/summary.json"
}

# verdict_is NAME VERDICT [REASON-REGEX]
verdict_is() {
	local verdict reason

	verdict=$(of "$1" .verdict)
	reason=$(of "$1" .reason)
	[[ $verdict == "$2" ]] || { echo "$1: verdict $verdict, not $2; $reason"; return 1; }
	[[ $reason =~ ${3:-} ]] || { echo "$1: the reason is not $3 but $reason"; return 1; }
}

# kernel_log NAME: the test's slice of the kernel log.
kernel_log() {
	cat "$OUT/latest/$(of "$1" .folder)/kernel.log"
}

# kernel_log_lacks NAME REGEX
kernel_log_lacks() {
	! kernel_log "$1" | grep "$2"
}

# One line on stderr, which matches.
one_line() {
	# shellcheck disable=SC2154 # set by bats
	[[ ${#stderr_lines[@]} -eq 1 && $stderr =~ $1 ]] || { echo "not one line with $1: $stderr"; return 1; }
}

# What every test ends with: no process, socket or temporary file, no half-written summary.
nothing_left() {
	local summary

	! machines || { echo "QEMU runs on"; return 1; }
	! pgrep -f "sptest run .*--out $BATS_RUN_TMPDIR" || { echo "sptest runs on"; return 1; }
	no_temporary_files || return 1
	while IFS= read -r summary; do
		jq -e '.totals.tests == (.tests | length)' "$summary" >/dev/null ||
			{ echo "half-written: $summary"; return 1; }
	done < <(find "$BATS_RUN_TMPDIR" -name summary.json)
}

no_temporary_files() {
	local found

	found=$(find "$TMPDIR" -mindepth 1)
	found+=$(find "$BATS_FILE_TMPDIR" "$BATS_TEST_TMPDIR" \
		\( -name '*.tmp*' -o -name 'tmp[0-9]*' -o -name '.latest*' -o -type s -o -type p \))
	[[ -z $found ]] || { echo "left behind: $found"; return 1; }
}
