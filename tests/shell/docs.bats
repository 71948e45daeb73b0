#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# The man page, the completion and the programs' own help say the same.

bats_require_minimum_version 1.5.0

setup() {
	source=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	sptest=${SPTEST:-$source/build/sptest}
	mapfile -t commands < <("$sptest" help | awk '/^  [a-z]+ +/ && $1 != "help" { print $1 }')
	[ "${#commands[@]}" -ge 5 ]
}

# Every option that a sub-command's help names.
options_of() {
	"$sptest" "$1" --help | grep '^  -' | grep -oE -- '--[a-z][a-z-]*' | sort -u
}

@test "the man page has every command and option" {
	for command in "${commands[@]}"; do
		grep -q "^\*$command" "$source/docs/sptest.1.scd"
		for option in $(options_of "$command"); do
			grep -qF -- "*$option*" "$source/docs/sptest.1.scd" || {
				echo "not in the man page: $command $option"
				false
			}
		done
	done
}

@test "the man page has every exit status of host/die.h" {
	while read -r number; do
		grep -qE "^(\[\[|\|\[|\|) +$number$" "$source/docs/sptest.1.scd" || {
			echo "not in the man page: exit status $number"
			false
		}
	done < <(sed -nE 's/^\tSTATUS_[A-Z]+ = ([0-9]+),.*/\1/p' "$source/host/die.h")
}

@test "scdoc accepts the man page" {
	command -v scdoc || skip "no scdoc here"
	scdoc <"$source/docs/sptest.1.scd" | grep -q '^\.TH "sptest" "1"'
}

# complete WORD...: what is offered for the last of them.
complete_words() {
	PATH=$(dirname "$sptest"):$PATH bash -c '
		source "$1"; shift
		COMP_WORDS=(sptest "$@"); COMP_CWORD=$#
		_sptest; printf "%s\n" "${COMPREPLY[@]}"' - "$source/docs/completion/sptest" "$@"
}

@test "completion offers every option of every command" {
	for command in "${commands[@]}"; do
		offered=$(complete_words "$command" --)
		for option in $(options_of "$command"); do
			grep -qxF -- "$option" <<<"$offered" || {
				echo "not offered: $command $option"
				false
			}
		done
	done
}

@test "completion offers commands, tests, kernels and modes" {
	[ "$(complete_words sh)" = shell ]
	[ "$(complete_words run --mmu s)" = shadow ]
	[ "$(complete_words run --kernel runn)" = running ]
	[ "$(complete_words kernels f)" = fetch ]
	[ "$(complete_words run --tests zap/mun)" = zap/munmap ]
	[ "$(complete_words list zap/mun)" = zap/munmap ]
}

@test "every command's help has an example and exits 0" {
	for command in "${commands[@]}"; do
		run --separate-stderr "$sptest" "$command" --help
		[ "$status" -eq 0 ]
		[[ $output == *"Example: sptest $command"* ]]
		[ -z "$stderr" ]
	done
}

@test "help lists the commands; nonsense is exit status 2 with one line" {
	run -0 "$sptest" help
	for command in "${commands[@]}"; do
		[[ $output == *"  $command "* ]]
	done
	run -2 "$sptest" nonsense
	[ "${#lines[@]}" -eq 1 ]
	run -2 "$sptest" run --mmu nonsense
	[ "${#lines[@]}" -eq 1 ]
	run -2 "$sptest" run --tests no/such/test
	[ "${#lines[@]}" -eq 1 ]
}

@test "pages name only files that are there" {
	cd "$source"
	while IFS=: read -r page target; do
		[ -e "$(dirname "$page")/$target" ] || [ -e "$target" ] || {
			echo "$page: no $target"
			false
		}
	done < <(grep -oE '\]\([^)#:]+\)' README.md docs/*.md | sed -E 's/\]\(([^)]*)\)/\1/')
}

@test "the README names what asks for tests that are skipped else" {
	mapfile -t asked < <(grep -rhoE 'skip ".*: SPTEST_[A-Z_]+=1"' "$source/tests" | grep -oE 'SPTEST_[A-Z_]+=1' | sort -u)
	[ "${#asked[@]}" -ge 2 ]
	for word in "${asked[@]}"; do
		grep -qF "$word" "$source/README.md" || {
			echo "not in the README: $word"
			false
		}
	done
}
