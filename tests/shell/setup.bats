#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# Nothing here installs anything: apt-get and sudo are stand-ins that write down how they were called.

setup() {
	source=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	bin=$BATS_TEST_TMPDIR/bin
	calls=$BATS_TEST_TMPDIR/calls
	mkdir "$bin"
	: >"$calls"
	export SETUP_PACKAGES=$BATS_TEST_TMPDIR/packages
	unset NO_INSTALL
	ln -s "$(command -v bash)" "$(command -v env)" "$(command -v id)" "$bin"
}

# stand_in NAME SCRIPT: a program of that name, first in PATH.
stand_in() {
	printf '#!/bin/bash\n%s\n' "$2" >"$bin/$1"
	chmod +x "$bin/$1"
}

apt_that_installs() {
	stand_in apt-get "echo apt-get \"\$@\" >>$calls; [[ \$1 != install ]] || : >$BATS_TEST_TMPDIR/done"
	stand_in dpkg-query "[[ ! -e $BATS_TEST_TMPDIR/done ]] || echo installed sptest-none"
	stand_in sudo "[[ \$1 == -n ]] && shift; exec \"\$@\""
}

@test "nothing to say when all is there" {
	echo "build  sptest-none  cmd:bash  a shell" >"$SETUP_PACKAGES"
	PATH=$bin run "$source/ci/setup" build
	[ "$status" -eq 0 ]
	[ -z "$output" ]
}

@test "NO_INSTALL=1 prints the exact line, installs nothing, exits 2" {
	apt_that_installs
	printf '%s\n' "build  sptest-none  cmd:sptest-none  a program" \
		"run  sptest-other  file:/nonexistent  a file" \
		"docs  sptest-docs  cmd:sptest-docs  not asked for" >"$SETUP_PACKAGES"
	NO_INSTALL=1 PATH=$bin run "$source/ci/setup" build run
	echo "$output"
	[ "$status" -eq 2 ]
	[[ ${lines[0]} == *"missing: sptest-none "*"a program"* ]]
	[[ $output == *"apt-get install -y --no-install-recommends sptest-none sptest-other" ]]
	[ ! -s "$calls" ]
}

@test "what is missing is installed, once" {
	apt_that_installs
	printf '%s\n' "build  sptest-none  cmd:sptest-none  a program" \
		"test  sptest-none  cmd:sptest-none  again" >"$SETUP_PACKAGES"
	PATH=$bin run "$source/ci/setup" build test
	echo "$output"
	cat "$calls"
	[ "$status" -eq 0 ]
	grep -q '^apt-get -qq update' "$calls"
	grep -q '^apt-get install -y --no-install-recommends sptest-none -qq' "$calls"
	: >"$calls"
	PATH=$bin run "$source/ci/setup" build test
	[ "$status" -eq 0 ]
	[ ! -s "$calls" ]
}

@test "an installation that brings nothing is an error" {
	stand_in apt-get "echo \"\$@\" >>$calls"
	stand_in dpkg-query "exit 1"
	stand_in sudo "[[ \$1 == -n ]] && shift; exec \"\$@\""
	echo "build  sptest-none  cmd:sptest-none  a program" >"$SETUP_PACKAGES"
	PATH=$bin run "$source/ci/setup" build
	[ "$status" -eq 3 ]
	[[ $output == *"still missing after apt-get: sptest-none"* ]]
	stand_in apt-get "exit 100"
	PATH=$bin run "$source/ci/setup" build
	[ "$status" -eq 3 ]
	[[ $output == *"apt-get failed"* ]]
}

@test "without apt it names what is missing and exits 2" {
	echo "build  sptest-none  pc:sptest-none  a library" >"$SETUP_PACKAGES"
	PATH=$bin run "$source/ci/setup" build
	[ "$status" -eq 2 ]
	[[ $output == *"missing: sptest-none "*"a library"* ]]
	[[ $output == *"no apt-get here"* ]]
}

@test "an unknown group is an error" {
	unset SETUP_PACKAGES
	run "$source/ci/setup" nosuch
	[ "$status" -eq 2 ]
	[[ $output == *"no such group: nosuch"* ]]
}

@test "every package has a group, a probe and a reason" {
	run awk '!/^#/ && NF && (NF < 4 || $1 !~ /^(build|run|test|night|lint|docs|kernel|workload|libvirt|engines)$/ || $3 !~ /^(cmd|pc|file):./)' \
		"$source/ci/packages"
	[ -z "$output" ]
}
