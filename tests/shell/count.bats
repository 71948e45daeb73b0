#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# Does tests/run count what happened? A copy of it runs programs that end in every bad way.

setup() {
	source=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	tree=$BATS_TEST_TMPDIR/tree
	mkdir -p "$tree/tests/unit" "$tree/build/tests/unit"
	cp "$source/tests/run" "$tree/tests/run"
	unset TESTS V
}

# program NAME SCRIPT: a unit test, compiled so to speak.
program() {
	touch "$tree/tests/unit/$1.c"
	printf '#!/bin/bash\n%s\n' "$2" >"$tree/build/tests/unit/$1"
	chmod +x "$tree/build/tests/unit/$1"
}

count() {
	run "$tree/tests/run" "$tree/build" unit
	echo "$output"
}

@test "passes, failures and skips are summed over programs" {
	program a 'printf "1..3\nok 1 - x\nok 2 - y\nok 3 - z # SKIP why\n"'
	program b 'printf "1..2\nok 1 x\nnot ok 2 y\n# because\n"; exit 1'
	count
	[ "$status" -eq 1 ]
	[[ $output == *"not ok 2 y"*"# because"* ]]
	[ "${lines[-1]}" = "3 passed, 1 failed, 1 skipped" ]
}

@test "all passed is exit status 0" {
	program a 'printf "ok 1 x\nok 2 y\n1..2\n"'
	count
	[ "$status" -eq 0 ]
	[ "${lines[-1]}" = "2 passed, 0 failed, 0 skipped" ]
}

@test "tests that the plan announced and that never ran have failed" {
	program a 'printf "1..5\nok 1 x\n"; kill -SEGV $$'
	count
	[ "$status" -eq 1 ]
	[ "${lines[-1]}" = "1 passed, 4 failed, 0 skipped" ]
}

@test "a program without output has failed" {
	program a 'exit 0'
	count
	[ "$status" -eq 1 ]
	[ "${lines[-1]}" = "0 passed, 1 failed, 0 skipped" ]
}

@test "a bad exit status that no result explains has failed" {
	program a 'printf "1..1\nok 1 x\n"; exit 3'
	count
	[ "$status" -eq 1 ]
	[ "${lines[-1]}" = "1 passed, 1 failed, 0 skipped" ]
}

@test "a program that was not built has failed" {
	touch "$tree/tests/unit/a.c"
	count
	[ "$status" -eq 1 ]
	[ "${lines[-1]}" = "0 passed, 1 failed, 0 skipped" ]
}

@test "TESTS selects by name; a name that is none is an error" {
	program a 'printf "1..1\nok 1 x\n"'
	program b 'printf "1..1\nnot ok 1 x\n"; exit 1'
	TESTS=a count
	[ "$status" -eq 0 ]
	TESTS='unit/?' count
	[ "${lines[-1]}" = "1 passed, 1 failed, 0 skipped" ]
	TESTS=c count
	[ "$status" -eq 2 ]
	[[ $output == *'no test is called "c"'* ]]
}
