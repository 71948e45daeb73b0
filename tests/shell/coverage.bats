#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# docs/coverage.md: every row is there once, has a state; it names every test, and only tests and cases that exist.

setup() {
	source=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	sptest=${SPTEST:-$source/build/sptest}
	page=$source/docs/coverage.md
}

# "ROW|STATE|HELD BY" of each row: the last two columns, whatever is between.
rows() {
	awk -F' *[|] *' '$2 ~ /^(INV|SYS|BUG|PERF|FIX)[0-9]/ { print $2 "|" $(NF - 2) "|" $(NF - 1) }' "$page"
}

# What stands in backticks like a test or case: in rows anything, elsewhere behind a group of selftests.
named() {
	local groups

	groups=$("$sptest" list --json | jq -r '[.[].group] | unique | join("|")')
	{
		rows | grep -oE "\`[a-z0-9]+/[a-z0-9_-]+(:[a-z0-9_.-]+)?\`"
		grep -oE "\`($groups)/[a-z0-9_-]+(:[a-z0-9_.-]+)?\`" "$page"
	} | tr -d "\`" | sort -u
}

# "group/test:case" of all cases, without their backings too, and "group/test" of all tests.
cases() {
	"$sptest" list --json | jq -r '.[] | "\(.group)/\(.name)" as $t | $t, "\($t):\(.cases[])"' |
		sed -E 'p; s/\.[a-z-]+$//' | sort -u
}

@test "no row is missing, and none is there twice" {
	diff <(rows | cut -d'|' -f1 | sort -V) <(
		printf '%s\n' INV{1..52} SYS{1..20} BUG{1..17} PERF{1..17} FIX{1..34} FIX22b FIX{37..39} |
			sort -V)
}

@test "every row has a state, held ones a test, all others a test or a reason" {
	local row state by

	while IFS='|' read -r row state by; do
		case $state in
		held | part) [[ $by == *"\`"*/*"\`"* ]] || { echo "$row: no test"; false; } ;;
		probe | debug | bench | device | past | open) ;;
		*) echo "$row: no such state: $state"; false ;;
		esac
	done < <(rows)
}

@test "what is named is there" {
	local known name

	known=$(cases)
	while IFS= read -r name; do
		grep -qxF "$name" <<<"$known" || { echo "no such test or case: $name"; false; }
	done < <(named)
}

@test "every test is named" {
	diff <("$sptest" list --json | jq -r '.[] | "\(.group)/\(.name)"' | sort) <(named | grep -v : | sort)
}
