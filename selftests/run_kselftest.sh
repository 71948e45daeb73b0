#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Runs installed tests by the conventions of the kernel's tools/testing/selftests/run_kselftest.sh: the
# same options, the same list, one TAP text for each collection. As there, the exit status says whether
# the tests could be run; what they came to stands in the TAP.
set -u

base=$(cd "$(dirname "$0")" && pwd) || exit 1
list=$base/kselftest-list.txt
log=''
default_timeout=45
override_timeout='' per_test_log='' dry_run='' wanted=''

usage() {
	cat <<END
Usage: $0 [OPTIONS]
  -s | --summary               only results here; what tests print goes to output.log beside this script
  -p | --per-test-log          only results here; what tests print goes to /tmp/TEST (or \$TMPDIR)
  -t | --test COLLECTION:TEST  this test; may be repeated
  -c | --collection NAME       the tests of this collection; may be repeated
  -l | --list                  the tests that there are
  -d | --dry-run               what would be run
  -o | --override-timeout S    seconds for each test, whatever its collection's settings say
  -h | --help                  this

SPTEST_FULL=1 in the environment runs the cases that take long as well. KSFT_MACHINE_SLOW=yes multiplies
deadlines by 10. KSELFTEST_NAME_ARGS are arguments for the test of that name in capitals.
END
}

fail() {
	echo "$0: $*" >&2
	exit 1
}

# The entries of a pattern, which fails if there are none: no typing error is silent.
entries() {
	grep -x "$1" "$list" || fail "no such $2: $3; -l lists what there is"
}

want() {
	found=$(entries "$@") || exit 1
	wanted="$wanted $found"
}

setting() {
	[ ! -r "$base/$1/settings" ] || sed -n "s/^$2=//p" "$base/$1/settings" | tail -n 1
}

# With a machine that says it is slow, tests have ten times as long; so do their own deadlines.
timeout_of() {
	seconds=${override_timeout:-$(setting "$1" timeout)}
	[ "${KSFT_MACHINE_SLOW:-}" != yes ] || [ -n "$override_timeout" ] ||
		seconds=$((${seconds:-$default_timeout} * 10))
	echo "${seconds:-$default_timeout}"
}

arguments_of() {
	name=$(printf '%s' "$1" | tr -c '[:alnum:]_' _ | tr '[:lower:]' '[:upper:]')
	printenv "KSELFTEST_${name}_ARGS" || :
}

prefix() {
	while IFS= read -r line || [ -n "$line" ]; do
		printf '# %s\n' "$line"
	done
}

# Runs ./TEST with a time limit; its output goes to descriptor 4 (the log), its status to standard output.
status_of() {
	limit=$1
	shift
	if command -v timeout >/dev/null; then
		set -- timeout "$limit" "$@"
	fi
	{
		{
			"$@" 2>&1 3>&- 4>&-
			echo $? >&3
		} | prefix >&4
	} 3>&1
}

# run_one NUMBER COLLECTION TEST
run_one() {
	label="selftests: $2: $3"
	limit=$(timeout_of "$2")
	echo "# timeout set to $limit" >&4
	echo "# $label"
	if [ ! -x "./$3" ]; then
		echo "# $base/$2/$3 is missing or cannot be run"
		echo "not ok $1 $label"
		return
	fi
	# shellcheck disable=SC2046 # arguments are several words
	status=$(status_of "$limit" "./$3" $(arguments_of "$3"))
	case $status in
	0) echo "ok $1 $label" ;;
	4) echo "ok $1 $label # SKIP" ;;
	124) echo "not ok $1 $label # TIMEOUT $limit seconds" ;;
	*) echo "not ok $1 $label # exit=$status" ;;
	esac
}

run_collection() {
	collection=$1 number=0
	shift
	[ ! -w /dev/kmsg ] || echo "kselftest: Running tests in $collection" >/dev/kmsg
	cd "$base/$collection" || exit 1
	exec 4>&1
	[ -z "$log" ] || exec 4>>"$log"
	echo 'TAP version 13'
	echo "1..$#"
	for test in "$@"; do
		number=$((number + 1))
		if [ -n "$per_test_log" ]; then
			exec 4>"${TMPDIR:-/tmp}/$test"
		fi
		run_one "$number" "$collection" "$test"
	done
}

[ -r "$list" ] || fail "$list: no list of tests: install them by make install"
while [ $# -gt 0 ]; do
	case $1 in
	-s | --summary) log=$base/output.log && : >"$log" ;;
	-p | --per-test-log | --per_test_log) per_test_log=yes ;;
	-t | --test)
		[ $# -gt 1 ] || fail "$1 wants COLLECTION:TEST"
		want "$2" test "$2" && shift
		;;
	-c | --collection)
		[ $# -gt 1 ] || fail "$1 wants a collection"
		want "$2:.*" collection "$2" && shift
		;;
	-l | --list) exec cat "$list" ;;
	-d | --dry-run) dry_run=yes ;;
	-o | --override-timeout)
		[ "${2:-0}" -gt 0 ] 2>/dev/null || fail "$1 wants seconds"
		override_timeout=$2 && shift
		;;
	-h | --help) usage && exit 0 ;;
	*) usage >&2 && exit 1 ;;
	esac
	shift
done

[ -n "$wanted" ] || wanted=$(cat "$list")
# shellcheck disable=SC2086 # names of tests are words
wanted=$(printf '%s\n' $wanted | sort -u)
for collection in $(echo "$wanted" | cut -d: -f1 | sort -u); do
	tests=$(echo "$wanted" | sed -n "s/^$collection://p")
	if [ -n "$dry_run" ]; then
		# shellcheck disable=SC2086 # the same
		printf "$collection: %s\\n" $tests
	else
		# shellcheck disable=SC2086 # names of tests are words
		(run_collection "$collection" $tests)
	fi
done
