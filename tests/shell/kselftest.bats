#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# selftests/ by the conventions of kselftest: make targets, what they install, and run_kselftest.sh, here
# on tests that only pretend; tests/meta/kselftest.bats has real ones.

bats_require_minimum_version 1.5.0

setup() {
	source=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	build=${SPTEST_BUILD:-$source/build}
	tree=$BATS_TEST_TMPDIR/kselftest
	unset MAKEFLAGS MAKELEVEL MFLAGS TARGETS SKIP_TARGETS INSTALL_PATH KSFT_INSTALL_PATH O KSFT_MACHINE_SLOW
}

make_selftests() {
	make -s -C "$source/selftests" OUTPUT="$build/libexec/selftests" INSTALL_PATH="$tree" "$@"
}

# pretend COLLECTION TEST SHELL-TEXT
pretend() {
	mkdir -p "$tree/$1"
	cp "$source/selftests/run_kselftest.sh" "$tree/"
	printf '#!/bin/sh\n%s\n' "$3" >"$tree/$1/$2"
	chmod +x "$tree/$1/$2"
	echo "$1:$2" >>"$tree/kselftest-list.txt"
}

@test "install: tests, list, settings and config of the targets, and nothing else" {
	make_selftests install TARGETS="zap cow spte" SKIP_TARGETS=spte
	[[ -x $tree/zap/munmap && -x $tree/cow/fork && ! -e $tree/spte && ! -e $tree/lib ]]
	grep -qx zap:munmap "$tree/kselftest-list.txt"
	diff <(cut -d: -f1 "$tree/kselftest-list.txt" | sort -u) <(printf '%s\n' cow zap)
	grep -qxE 'timeout=[0-9]+' "$tree/zap/settings"
	grep -qx 'CONFIG_KVM=m' "$tree/zap/config"
	grep -qx 'CONFIG_KSM=y' "$tree/cow/config"
	run "$tree/run_kselftest.sh" -l
	[[ $status -eq 0 && $output == "$(<"$tree/kselftest-list.txt")" ]]
}

@test "a collection has as much time as its slowest test asks for" {
	local group most

	make_selftests install
	for group in "$tree"/*/; do
		most=$(for test in "$group"/*; do
			[[ ! -x $test ]] || "$test" --describe | jq .timeout_s
		done | sort -n | tail -n 1)
		[[ $(sed -n 's/^timeout=//p' "$group/settings") -ge $most ]] || { echo "$group: $most"; false; }
	done
	diff <(sed 's/:/\//' "$tree/kselftest-list.txt" | sort) <("$build/sptest" list --names)
}

@test "an installed test needs nothing of the source tree" {
	make_selftests install TARGETS=zap
	run env -C / ldd "$tree/zap/munmap"
	[[ $output != *"$source"* && $output != *"not found"* ]]
	run strings "$tree/zap/munmap"
	[[ $output != *"$build/"* ]]
}

@test "gen_tar packs what install installs" {
	make_selftests gen_tar TARGETS=zap FORMAT=.xz
	run tar tf "$tree/kselftest-packages/kselftest.tar.xz"
	for file in run_kselftest.sh kselftest-list.txt zap/munmap zap/settings zap/config; do
		grep -qx "./$file" <<<"$output"
	done
}

@test "source_tar packs what builds elsewhere; without its spte reader it says so" {
	local copy=$BATS_TEST_TMPDIR/copy

	make_selftests source_tar FORMAT=.xz
	mkdir "$copy"
	tar xf "$tree/kselftest-packages/selftests-source.tar.xz" -C "$copy"
	make -s -C "$copy/sptest-selftests/selftests" TARGETS=many
	"$copy/sptest-selftests/build/libexec/selftests/many/vms" --describe | jq -e '.name == "vms"'
	rm -r "$copy/sptest-selftests/spte"
	run make -s -C "$copy/sptest-selftests/selftests" TARGETS=many
	[[ $status -ne 0 && $output == *"no ../spte beside"*source_tar* ]]
}

@test "the program of a test that has gone goes, too" {
	local out=$BATS_TEST_TMPDIR/libexec/selftests

	mkdir -p "$out/zap" "$BATS_TEST_TMPDIR/obj/selftests/zap"
	touch "$out/zap/gone" "$out/zap/foreign" "$BATS_TEST_TMPDIR/obj/selftests/zap/gone.o"
	make -s -C "$source/selftests" OUTPUT="$out" TARGETS=
	[[ ! -e $out/zap/gone && -e $out/zap/foreign ]]
}

@test "a target that is none is an error" {
	run make_selftests TARGETS="zap zip"
	[[ $status -ne 0 && $output == *"no such target: zip"* ]]
}

@test "run_kselftest.sh: pass, skip, failure, signal, a test that is not there" {
	pretend a good 'echo hello; exit 0'
	pretend a lame 'exit 4'
	pretend a sick 'echo "no newline" | tr -d "\n"; exit 3'
	pretend b dead 'kill -9 $$'
	pretend b gone 'exit 0'
	rm "$tree/b/gone"
	run "$tree/run_kselftest.sh"
	echo "$output"
	[[ $status -eq 0 ]]
	grep -vE '^# (timeout set|Killed)' <<<"$output" >"$BATS_TEST_TMPDIR/got"
	diff "$BATS_TEST_TMPDIR/got" - <<-END
		TAP version 13
		1..3
		# selftests: a: good
		# hello
		ok 1 selftests: a: good
		# selftests: a: lame
		ok 2 selftests: a: lame # SKIP
		# selftests: a: sick
		# no newline
		not ok 3 selftests: a: sick # exit=3
		TAP version 13
		1..2
		# selftests: b: dead
		not ok 1 selftests: b: dead # exit=137
		# selftests: b: gone
		# $tree/b/gone is missing or cannot be run
		not ok 2 selftests: b: gone
	END
}

@test "run_kselftest.sh: chosen tests and collections, each once" {
	pretend a one 'exit 0'
	pretend a two 'exit 0'
	pretend b one 'exit 0'
	run "$tree/run_kselftest.sh" -t b:one -t b:one -c a -d
	[[ $status -eq 0 && $output == $'a: one\na: two\nb: one' ]]
	run "$tree/run_kselftest.sh" --test a:two
	[[ $output == *"1..1"*"ok 1 selftests: a: two" ]]
	for wrong in "-t a:three" "-t a" "-c c" "-t" "-x" "-o soon"; do
		# shellcheck disable=SC2086 # two words
		run "$tree/run_kselftest.sh" $wrong
		[[ $status -eq 1 && $output != *"TAP version"* ]]
	done
}

@test "run_kselftest.sh: settings, -o and a slow machine set the time" {
	pretend a slow 'exec sleep 5'
	echo timeout=1 >"$tree/a/settings"
	run "$tree/run_kselftest.sh"
	[[ $output == *"# timeout set to 1"*"not ok 1 selftests: a: slow # TIMEOUT 1 seconds"* ]]
	pretend b quick 'exit 0'
	KSFT_MACHINE_SLOW=yes run "$tree/run_kselftest.sh" -c b
	[[ $output == *"# timeout set to 450"* ]]
	KSFT_MACHINE_SLOW=yes run "$tree/run_kselftest.sh" -c b -o 7
	[[ $output == *"# timeout set to 7"* ]]
}

@test "run_kselftest.sh: logs of the run and of each test, arguments of a test" {
	pretend a say-it 'echo "said $*"'
	export TMPDIR=$BATS_TEST_TMPDIR KSELFTEST_SAY_IT_ARGS="--case part"
	run "$tree/run_kselftest.sh" -s
	[[ $output != *said* && $output == *"ok 1 selftests: a: say-it"* ]]
	grep -qx '# said --case part' "$tree/output.log"
	run "$tree/run_kselftest.sh" -p
	[[ $output != *said* ]]
	grep -qx '# said --case part' "$BATS_TEST_TMPDIR/say-it"
}
