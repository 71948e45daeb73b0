#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# Campaigns of mutants over provokers, which know of defects what a test on a kernel with switches would: so
# that they run on any kernel. One campaign in setup_file has a mutant for each verdict.
# shellcheck disable=SC2154 # variables of bats

load helper
load ../shell/upstream

setup_file() {
	BUILT=$(compgen -G "${XDG_CACHE_HOME:-$HOME/.cache}/sptest/kernels/built-mutants-6.12-*/vmlinuz" | tail -n 1) || true
	export BUILT
	meta_prepare
	export XDG_CONFIG_HOME=$BATS_FILE_TMPDIR/config
	known m_seen 'is seen' 'commit = 0123456789ab' 'tests = mutant/watcher'
	known m_unseen 'is not seen'
	known m_far 'no test comes to it'
	known m_panics 'panics'
	known m_hangs 'hangs'
	known m_sleeps 'sleeps'
	known m_refused 'cannot be switched on'
	known m_absent 'is not in this kernel'
	known m_boot 'boots into nothing' 'append = rdinit=/nowhere' 'tests = mutant/blind'
	known m_parameter 'changes nothing' 'append = quiet' 'tests = mutant/blind'
	campaign all --only 'm_*,site:*' --json
}

teardown() {
	nothing_left
}

# known NAME TEXT LINE...: a mutant.
known() {
	local name=$1 text=$2

	shift 2
	mkdir -p "$XDG_CONFIG_HOME/sptest/mutants"
	printf '%s\n' "text = $text" "$@" >"$XDG_CONFIG_HOME/sptest/mutants/$name.conf"
}

# campaign NAME OPTIONS...: over the provokers; its output in NAME.out and NAME.err, its status in NAME.status.
campaign() {
	local base=$BATS_FILE_TMPDIR/$1 status=0

	shift
	"$SPTEST" mutants --kernel "$KERNEL" --accel tcg --selftests "$PROVOKE" --tests mutant --jobs 1 \
		--out "$base" "$@" >"$base.out" 2>"$base.err" || status=$?
	echo "$status" >"$base.status"
}

# mutant_is NAME VERDICT [REASON-REGEX]: in the first campaign.
mutant_is() {
	local verdict reason

	IFS=$'\t' read -r verdict reason < <(jq -r --arg name "$1" \
		'.mutants[] | select(.name == $name) | [.verdict, .reason] | @tsv' "$BATS_FILE_TMPDIR/all.out")
	[[ $verdict == "$2" && $reason =~ ${3:-} ]] || { echo "$1: $verdict, $reason"; return 1; }
}

@test "killed by the test that fails, with what it said" {
	cat "$BATS_FILE_TMPDIR/all.out" "$BATS_FILE_TMPDIR/all.err"
	mutant_is m_seen killed 'sees: the guest reads what is gone'
	[[ $(jq -r '.mutants[] | select(.name == "m_seen") | .killer' "$BATS_FILE_TMPDIR/all.out") == mutant/watcher ]]
	mutant_is site:provoked@provoke.c:12:skip killed
}

@test "a panic is a kill, and so is a hang" {
	mutant_is m_panics killed 'panic: Kernel panic'
	mutant_is m_hangs killed 'hang: no sign of life'
}

@test "a test that takes ten times as long, and a little, need not be waited for" {
	mutant_is m_sleeps killed '^timeout: still running after [12][0-9] s'
}

@test "what no test notices survived, after all that reach it" {
	mutant_is m_unseen survived
	[[ $(jq '.mutants[] | select(.name == "m_unseen") | .tried' "$BATS_FILE_TMPDIR/all.out") == 2 ]]
	mutant_is m_parameter survived
}

@test "what no test comes to is unreached, by its count" {
	mutant_is m_far unreached
	mutant_is site:far_away@provoke.c:13:skip unreached
}

@test "broken: not in this kernel, not to be switched on, no machine" {
	mutant_is m_absent broken 'this kernel has no such switch'
	mutant_is m_refused broken 'not switched on in mutant/watcher: .*Bail out! the kernel will not have it'
	mutant_is m_boot broken 'not switched on in mutant/blind: the host machine did not start: .*VFS: Unable to mount root'
	[[ $(<"$BATS_FILE_TMPDIR/all.status") == 3 ]]
}

@test "a test that fails without a defect is left out" {
	[[ $(jq '[.mutants[].reached_by[]] | index("mutant/failing")' "$BATS_FILE_TMPDIR/all.out") == null ]]
}

@test "the report adds up: JSON, its file, the table, the store" {
	local json=$BATS_FILE_TMPDIR/all.out totals='[.totals | to_entries[] | .value] | add'

	jq -e "(.mutants | length) == 12 and ($totals) == 12" "$json"
	jq -e '. as $all | all(.totals | to_entries[]; .value == ([.key as $v | $all.mutants[] | select(.verdict == $v)] | length))' "$json"
	jq -e '.totals == {killed: 5, survived: 2, unreached: 2, broken: 3}' "$json"
	cmp <(jq -S . "$json") <(jq -S . "$BATS_FILE_TMPDIR"/all/*/mutants.json)
	# of the table, which goes to stderr beside JSON
	[[ $(grep -cE '^  (killed|survived|unreached|broken) ' "$BATS_FILE_TMPDIR/all.err") == 12 ]]
	grep -q '^  5 of 7 reached mutants killed (71 %), 2 survived, 2 not reached, 3 broken; ' "$BATS_FILE_TMPDIR/all.err"
	"$SPTEST" results mutants --store "$BATS_FILE_TMPDIR/all/results.db" >"$BATS_TEST_TMPDIR/scores"
	grep -q ' | sptest | .* | 5 of 7 (71 %) | 2 | 3 | ' "$BATS_TEST_TMPDIR/scores"
	# shellcheck disable=SC2016 # Markdown
	grep -q ' | `m_seen` | killed by mutant/watcher |  |$' "$BATS_TEST_TMPDIR/scores"
}

@test "exit status: 1 if one survived, 0 if all were killed" {
	campaign unseen --only m_unseen
	[[ $(<"$BATS_FILE_TMPDIR/unseen.status") == 1 ]]
	grep -q '^  survived   m_unseen .* 2 tests: is not seen$' "$BATS_FILE_TMPDIR/unseen.out"
	campaign seen --only m_seen
	[[ $(<"$BATS_FILE_TMPDIR/seen.status") == 0 ]]
	grep -q '^  1 of 1 reached mutants killed (100 %)' "$BATS_FILE_TMPDIR/seen.out"
}

@test "a stock kernel has no switches: one line, exit status 3" {
	run --separate-stderr "$SPTEST" mutants --kernel "$KERNEL" --accel tcg --tests zap/clock,zap/munmap --jobs 1 \
		--only kvm_flush_skipped --out "$BATS_TEST_TMPDIR/stock"
	echo "$stderr"
	[[ $status -eq 3 ]]
	[[ ${stderr_lines[-1]} == *'no test passes on '*'zap/'*'Bail out! mutant count: this kernel has no /sys/kernel/debug/mutants' ]]
}

@test "on the kernel with switches a test kills a mutant of its own" {
	[[ $BUILT ]] || skip "no built-mutants-6.12-* among the cached kernels: make mutants builds it"
	run --separate-stderr "$SPTEST" mutants --kernel "$BUILT" --accel tcg --tests zap/munmap --jobs 1 --json \
		--only kvm_range_first_page --out "$BATS_TEST_TMPDIR/built"
	echo "$output" "$stderr"
	[[ $status -eq 0 ]]
	jq -e '.mutants[0] | .verdict == "killed" and .killer == "zap/munmap" and (.reason | length > 0)' <<<"$output"
	# The first failure is the last thing that it does.
	grep -E '^(not )?ok ' "$BATS_TEST_TMPDIR"/built/*/kvm_range_first_page/1/latest/tests/zap-munmap/ktap |
		tail -n 1 | grep '^not ok '
	(($(grep -cE '^(not )?ok ' "$BATS_TEST_TMPDIR"/built/*/kvm_range_first_page/1/latest/tests/zap-munmap/ktap) < 5))
}

@test "the kernel's own selftests: built from its source, judged by exit status" {
	local tests
	local -a with

	type -P rsync >/dev/null || skip "rsync is not here: ci/setup kernel installs it"
	upstream_tree "$BATS_TEST_TMPDIR/tree"
	run --separate-stderr "$SPTEST" mutants --suite upstream --tree "$BATS_TEST_TMPDIR/tree" --kernel "$KERNEL" \
		--accel tcg --jobs 1 --only kvm_flush_skipped --out "$BATS_TEST_TMPDIR/upstream"
	echo "$stderr"
	[[ $status -eq 3 ]]
	[[ ${stderr_lines[-1]} == *'no test passes on '*'Bail out! mutant count: this kernel has no '* ]]
	tests=$(echo "$XDG_CACHE_HOME"/sptest/upstream/6.12-*/tests)
	for program in "${SPTEST%/*}/libexec/upstream/upstream-test" "${tests%/tests}"/bin/*; do
		with+=(--with "$program")
	done
	run --separate-stderr "$SPTEST" run --kernel "$KERNEL" --accel tcg --jobs 1 --selftests "$tests" "${with[@]}" \
		--out "$BATS_TEST_TMPDIR/runs"
	echo "$output"
	use_out "$BATS_TEST_TMPDIR/runs"
	verdict_is kvm/set_memory_region pass
	verdict_is mm/madv_populate fail 'exit status 1: not ok 2 populate'
	verdict_is mm/mkdirty skip 'no moon tonight'
}

@test "two suites on the same mutants: a table beside each other" {
	[[ $BUILT ]] || skip "no built-mutants-6.12-* among the cached kernels: make mutants builds it"
	upstream_tree "$BATS_TEST_TMPDIR/tree"
	run --separate-stderr "$SPTEST" mutants --suite sptest,upstream --tree "$BATS_TEST_TMPDIR/tree" --kernel "$BUILT" \
		--accel tcg --jobs 1 --tests zap/munmap,kvm/set_memory_region --only kvm_range_first_page \
		--out "$BATS_TEST_TMPDIR/both"
	echo "$output" "$stderr"
	[[ $status -eq 0 ]]
	grep -qE '^  mutant +sptest +upstream$' <<<"$output"
	grep -qE '^  kvm_range_first_page +killed by zap/munmap +unreached$' <<<"$output"
	jq -se 'map(.suite) == ["sptest", "upstream"]' "$BATS_TEST_TMPDIR"/both/*/{sptest,upstream}/mutants.json
}
