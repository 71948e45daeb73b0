# shellcheck shell=bash disable=SC2034 # variables for the tests
# SPDX-License-Identifier: GPL-2.0-only
# A shell in a host machine that a test types to: `sptest shell` between two FIFOs.

# shell_start OPTIONS OF SPTEST SHELL...
shell_start() {
	local keys=$BATS_TEST_TMPDIR/keys screen=$BATS_TEST_TMPDIR/screen

	mkfifo "$keys" "$screen"
	"$SPTEST" shell "$@" <"$keys" >"$screen" 2>"$BATS_TEST_TMPDIR/shell.err" 3>&- &
	SHELL_PID=$!
	exec {KEYS}>"$keys" {SCREEN}<"$screen"
	rm "$keys" "$screen"
	typed 'stty -echo; PS1= PS2='
}

# typed COMMAND: its output in ANSWER, its exit status in STATUS. Two minutes without a line are a failure.
typed() {
	local line mark=$RANDOM$RANDOM

	ANSWER='' STATUS=''
	# The shell's echo of this line does not have the number behind the mark.
	printf '%s\necho "mark""%s=$?"\n' "$1" "$mark" >&"$KEYS"
	while IFS= read -r -t 120 line <&"$SCREEN"; do
		line=${line%$'\r'}
		if [[ $line =~ mark$mark=([0-9]+)$ ]]; then
			STATUS=${BASH_REMATCH[1]}
			return 0
		fi
		ANSWER+=$line$'\n'
	done
	echo "no answer to: $1"
	cat "$BATS_TEST_TMPDIR/shell.err"
	return 1
}

# Ends the machine as well where it stands still or does not listen.
shell_end() {
	[[ -n ${SHELL_PID:-} ]] || return 0
	kill "$SHELL_PID" 2>/dev/null || true
	wait "$SHELL_PID" || true
	exec {KEYS}>&- {SCREEN}<&-
	SHELL_PID=
}
