#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154 # variables of bats and of typed
# Settings of the machine: a test finds them as stock kernels start, and leaves them as they were.

load helper
load shell

setup_file() {
	META_KERNEL=6.12 meta_prepare
}

teardown() {
	shell_end
	nothing_left
}

# settings VERB...: what they are, or what came of it
# shellcheck disable=SC2153 # typed sets STATUS
settings() {
	typed "sh /files/settings.sh $*"
	[[ $STATUS -eq 0 ]] || { echo "settings.sh $*: exit status $STATUS: $ANSWER"; return 1; }
}

@test "huge pages and the multi-generational LRU are pinned for each test, and restored" {
	local stock odd same

	shell_start --kernel "$KERNEL" --accel tcg --tests zap/munmap \
		--with "$BATS_TEST_DIRNAME/provoke-settings/settings.sh"
	settings show
	stock=$ANSWER
	settings odd
	settings show
	odd=$ANSWER
	same=$(comm -12 <(sort <<<"$stock") <(sort <<<"$odd") | grep . || true)
	[[ -z $same ]] || { echo "not odd: $same"; false; }

	settings during /tests/zap/munmap whole.anon
	diff <(cat <<<"$stock") <(cat <<<"$ANSWER")
	settings show
	diff <(cat <<<"$odd") <(cat <<<"$ANSWER")
}
