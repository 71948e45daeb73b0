# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# The few words of gdb's remote protocol that read and write 64 bits in the memory of a machine.
# Addresses are virtual ones of the CPU that the stub has picked, in hexadecimal with 0x.

# gdb_attach SOCKET: the machine stands still from here on.
gdb_attach() {
	coproc GDB { exec socat - "UNIX-CONNECT:$1"; }
}

# The machine runs on.
gdb_detach() {
	gdb_ask D >/dev/null
	kill "$GDB_PID" 2>/dev/null || true
	wait "$GDB_PID" 2>/dev/null || true
}

# gdb_ask PACKET: the answer, without its frame. That the machine has stopped ("T...") some stubs say
# unasked when they are attached to, others do not: nothing that is asked here has such an answer.
gdb_ask() {
	local packet=$1 sum=0 i answer

	for ((i = 0; i < ${#packet}; i++)); do
		printf -v answer %d "'${packet:i:1}"
		sum=$(((sum + answer) % 256))
	done
	printf '$%s#%02x' "$packet" "$sum" >&"${GDB[1]}"
	answer=T
	while [[ $answer == T* ]]; do
		IFS= read -r -t 60 -d '#' answer <&"${GDB[0]}" || return 1
		IFS= read -r -t 60 -N 2 _ <&"${GDB[0]}" || return 1
		printf + >&"${GDB[1]}"
		answer=${answer#*\$}
	done
	echo "$answer"
}

# The eight bytes of a number, the lowest first; and back: it is its own inverse.
gdb_swap() {
	local hex i swapped=

	hex=0000000000000000${1#0x}
	hex=${hex: -16}
	for ((i = 14; i >= 0; i -= 2)); do
		swapped+=${hex:i:2}
	done
	echo "$swapped"
}

# gdb_read ADDRESS
gdb_read() {
	local bytes

	bytes=$(gdb_ask "m${1#0x},8") || return 1
	[[ $bytes =~ ^[0-9a-f]{16}$ ]] || { echo "no memory at $1: $bytes" >&2; return 1; }
	echo "0x$(gdb_swap "$bytes")"
}

# gdb_write ADDRESS VALUE
gdb_write() {
	local answer

	answer=$(gdb_ask "M${1#0x},8:$(gdb_swap "$2")") || return 1
	[[ $answer == OK ]] || { echo "cannot write $2 to $1: $answer" >&2; return 1; }
}
