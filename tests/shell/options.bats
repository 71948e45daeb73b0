#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# The kernel options that a collection of selftests asks for (GROUP/config) are all that its tests say they
# need, by selftests/options.

bats_require_minimum_version 1.5.0

setup() {
	source=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	selftests=$source/selftests
	build=${SPTEST_BUILD:-$source/build}
	patterns=()
	options=()
	while IFS=$'\t' read -r pattern words; do
		patterns+=("$pattern")
		options+=("$words")
	done < <(sed -E '/^#/d; s/\t+/\t/' "$selftests/options")
}

# GROUP<tab>ITEM of all tests, each once.
said_needs() {
	for test in "$build"/libexec/selftests/*/*; do
		[[ -x $test && -f $test ]] && "$test" --describe
	done | jq -r '.group as $group |
		(("need " + (.needs[], .case_needs[][])), ("module " + .modules[]),
		 ("backing " + (.cases[] | select(contains(".")) | sub(".*[.]"; "")))) |
		[$group, .] | @tsv' | LC_ALL=C sort -u
}

# want GROUP ROW: GROUP<tab>OPTION for each option of the row.
want() {
	local words

	read -ra words <<<"${options[$2]}"
	[[ ${words[0]} == - ]] || printf "$1\t%s\n" "${words[@]}"
}

wanted_by_needs() {
	local group item i known

	said_needs | while IFS=$'\t' read -r group item; do
		known=0
		for i in "${!patterns[@]}"; do
			# shellcheck disable=SC2053 # a glob
			[[ $item == ${patterns[i]} ]] || continue
			known=1
			want "$group" "$i"
		done
		((known)) || printf '%s\ta row for it in selftests/options: %s\n' "$group" "$item"
	done
}

# The files GROUP/NAME.c of tests in which such a text stands.
test_files() {
	find "$selftests" -mindepth 2 -maxdepth 2 -name '*.c' ! -path '*/lib/*' -exec grep -lE -e "$1" {} + |
		sed "s:^$selftests/::"
}

wanted_by_source() {
	local i file

	for i in "${!patterns[@]}"; do
		[[ ${patterns[i]} == source\ * ]] || continue
		test_files "${patterns[i]#source }" | while IFS= read -r file; do
			want "${file%%/*}" "$i"
		done
	done
}

@test "each collection's config names what its tests need" {
	local group option missing=0

	while IFS=$'\t' read -r group option; do
		grep -qs "^CONFIG_$option=" "$selftests/config" "$selftests/$group/config" && continue
		echo "selftests/$group/config lacks $option"
		missing=1
	done < <({ wanted_by_needs; wanted_by_source; } | LC_ALL=C sort -u)
	((!missing))
}

@test "each row of selftests/options is some test's need" {
	local said pattern stale=0

	said=$(said_needs | cut -f 2 | LC_ALL=C sort -u)
	for pattern in "${patterns[@]}"; do
		if [[ $pattern == source\ * ]]; then
			[[ ! $(test_files "${pattern#source }") ]] || continue
		else
			# shellcheck disable=SC2053 # a glob
			while IFS= read -r item; do
				[[ $item == $pattern ]] && continue 2
			done <<<"$said"
		fi
		echo "no test has: $pattern"
		stale=1
	done
	((!stale))
}
