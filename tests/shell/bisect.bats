#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# sptest bisect, over a history of which each commit builds in a moment; a command judges.
# shellcheck disable=SC2154 # variables of bats

bats_require_minimum_version 1.5.0
load kernel-tree

setup() {
	kernel_tree_set_up
	out=$BATS_TEST_TMPDIR/out
	cat >"$BATS_TEST_TMPDIR/judge" <<'EOF'
#!/bin/sh
grep -q bug "$1" && exit 1
grep -q unknown "$1" && exit 125
exit 0
EOF
	chmod +x "$BATS_TEST_TMPDIR/judge"
}

# page WORDS SUBJECT: a commit of that text.
page() {
	printf 'int page; %s\n' "$1" >"$tree/mm/page.c"
	commit "$2"
}

bisect() {
	run --separate-stderr "$sptest" bisect --tree "$tree" --flavour small --out "$out" "$@"
}

@test "the first bad commit is found, past one that does not build and one that cannot be judged" {
	page '' second
	page 'int page = ;' broken
	page 'int unknown;' doubtful
	page '/* good */' fifth
	page 'int bug;' culprit
	page 'int bug, seven;' seventh
	before=$(git -C "$tree" for-each-ref; git -C "$tree" status --porcelain)
	bisect --good HEAD~6 --bad HEAD -- "$BATS_TEST_TMPDIR/judge"
	[ "$status" -eq 0 ]
	[[ $output == *" is the first bad commit"*culprit* ]]
	[[ $output == *"bad   "*" seventh"* && $output == *"good  "*" first"* ]]
	[ "$(git -C "$tree" for-each-ref; git -C "$tree" status --porcelain)" = "$before" ]
	grep -q '^git bisect bad' "$out"/*/bisect.log
	[ ! -e "$(echo "$out"/*/git)" ]
}

@test "only commits that cannot be judged are left: said, and status 1" {
	page 'int unknown;' doubtful
	page 'int bug;' last
	bisect --good HEAD~2 --bad HEAD -- "$BATS_TEST_TMPDIR/judge"
	[ "$status" -eq 1 ]
	[[ $stderr == *"only commits that cannot be judged are left"* ]]
	[[ $output == *"skip  "*" doubtful"* && $output != *"first bad"* ]]
}

@test "an end that is not what it was said to be" {
	page '' second
	page '' "third, the same" || git -C "$tree" -c user.name=x -c user.email=x@y commit -q --allow-empty -m third
	bisect --good HEAD~1 --bad HEAD -- "$BATS_TEST_TMPDIR/judge"
	[ "$status" -eq 1 ]
	[[ $stderr == *"HEAD is not bad"* ]]
	bisect --good HEAD --bad HEAD~1 -- "$BATS_TEST_TMPDIR/judge"
	[ "$status" -eq 2 ]
	[[ $stderr == *"HEAD does not come before HEAD~1"* ]]
}

@test "words that mean nothing" {
	bisect --good HEAD --bad nothing -- true
	[ "$status" -eq 2 ]
	[[ $stderr == *"nothing: no commit of the git tree"* ]]
	bisect --good HEAD -- true
	[ "$status" -eq 2 ]
	[[ $stderr == *"--tree, --good and --bad are needed"* ]]
	bisect --good HEAD --bad HEAD
	[ "$status" -eq 2 ]
	[[ $stderr == *"what judges"* ]]
	page '' second
	bisect --good HEAD~1 --bad HEAD -- no-such-program
	[ "$status" -eq 3 ]
	[[ $stderr == *"no-such-program: it cannot be run"* ]]
}
