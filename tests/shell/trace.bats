#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# sptest trace, as far as it goes without a VM: what is wrong is one line.

bats_require_minimum_version 1.5.0

setup() {
	source=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	sptest=${SPTEST:-$source/build/sptest}
}

@test "without a command it says where the example is" {
	run -2 "$sptest" trace
	[ "${#lines[@]}" -eq 1 ]
	[[ $output == *"no command to trace"* ]]
	run -2 "$sptest" trace --sptes --
	[ "${#lines[@]}" -eq 1 ]
	run -2 "$sptest" trace --no-such-option -- true
	[ "${#lines[@]}" -eq 1 ]
}

@test "options behind the command are the command's" {
	run "$sptest" trace true --help
	[[ $output != *"Usage: sptest trace"* ]]
}

@test "without root it says so" {
	command -v setpriv || skip "no setpriv here"
	[ "$(id -u)" -eq 0 ] || skip "setpriv needs root"
	tool=$(dirname "$sptest")/libexec/tools/sptest-trace
	[ -x "$tool" ] || skip "an installed sptest"
	dir=$(mktemp -d)	# those of bats are closed to others
	cp "$tool" "$dir"
	chmod -R 755 "$dir"
	cd /
	run -3 setpriv --reuid 65534 --clear-groups "$dir/sptest-trace" -- true
	rm -r "$dir"
	[ "$output" = "sptest trace: needs root: kprobes and tracefs are root's" ]
}
