#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# The coherence check held against sptes that are wrong: QEMU's gdbstub alters one spte of a VM in the
# memory of a live kernel, `sptest spte --check` must name just that one and nothing once it is restored.

load helper
load gdb-remote
load qemu-guest
load shell

PAGES=4160			# of the guest's memory, from gfn 0x1000 on
HOLE=0x2180 BESIDE=0x2000	# gfns: behind the end of its 33 MiB, and within the same 2 MiB before it

setup_file() {
	META_KERNEL=6.12 meta_prepare
}

setup() {
	STUB=$BATS_TEST_TMPDIR/stub
	qemu_guest "$BATS_TEST_TMPDIR" "$PAGES"
}

teardown() {
	shell_end
	rm -f "$STUB"
	nothing_left
}

# check_ends_with STATUS: CHECKED is what it says of all of the VM.
# shellcheck disable=SC2153 # typed sets STATUS
check_ends_with() {
	typed "sptest spte $VMM --check --json"
	CHECKED=$ANSWER
	[[ $STATUS -eq $1 ]] || { echo "exit status $STATUS, not $1: $CHECKED"; return 1; }
}

silent() {
	check_ends_with 0
	jq -e '.check.violations == [] and .kvm_counts == "agree" and .check.sptes > 0' <<<"$CHECKED" >/dev/null ||
		{ echo "$CHECKED"; return 1; }
}

# named FAULT GFN HVA: that violation and nothing else.
named() {
	check_ends_with 1
	jq -e --arg fault "$1" --arg gfn "$2" --arg hva "$3" '.check.violations |
		length == 1 and .[0].fault == $fault and .[0].gfn == $gfn and .[0].hva == $hva' \
		<<<"$CHECKED" >/dev/null || { echo "not $*: $(jq -c .check <<<"$CHECKED")"; return 1; }
	echo "# $(jq -c '.check.violations[0] | {fault, gfn, hva, spte: .spte.spte, pte: .pte.value}' \
		<<<"$CHECKED")" >&3
}

# dump: every spte, as the answer.
dump() {
	typed "sptest spte $VMM --dump --json"
	[[ $STATUS -eq 0 ]]
}

# pick DUMP JQ-CONDITION: the last spte for which it holds, as GFN, HVA, ADDRESS and SPTE.
pick() {
	GFN='' HVA='' ADDRESS='' SPTE=''
	read -r GFN HVA ADDRESS SPTE < <(jq -r "[.sptes[] | select($2)][-1] |
		\"\\(.gfn) \\(.hva) \\(.address) \\(.spte)\"" <<<"$1")
	[[ $SPTE == 0x* ]] || { echo "no spte with $2"; return 1; }
}

# Which of the guest's pages are in swap (bit 62 of pagemap, Documentation/admin-guide/mm/pagemap.rst), when
# gfn 0x1000 is at the hva $1: their gfns as a JSON array.
find_swapped() {
	typed "dd if=/proc/$VMM/pagemap bs=8 count=$PAGES skip=$(($1 / 4096)) 2>/dev/null |
		od -v -An -tx8 | tr -s ' ' '\n' | grep -v '^$' | grep -n '^[4-7]' | cut -d: -f1"
	SWAPPED=$(awk '{ printf "%s\"0x%x\"", (NR > 1 ? "," : ""), 4095 + $1 }' <<<"${ANSWER%$'\n'}")
	SWAPPED="[$SWAPPED]"
}

# alter ADDRESS VALUE: of an spte; WAS is what it was.
alter() {
	gdb_attach "$STUB"
	WAS=$(gdb_read "$1")
	gdb_write "$1" "$2"
	gdb_detach
}

# blamed ADDRESS VALUE FAULT GFN HVA: for that value, until the old one is back.
blamed() {
	local was

	alter "$1" "$2"
	was=$WAS
	named "$3" "$4" "$5"
	alter "$1" "$was"
	silent
}

@test "an spte altered in the memory of a live kernel is named, and no other" {
	local small='.level == 1 and (.mmio | not) and .hva != "0x0"' huge merged other first

	shell_start --kernel "$KERNEL" --accel tcg --memory 512 "--gdb=unix:$STUB,server=on,wait=off" "${WITH[@]}" \
		--with "$BATS_TEST_DIRNAME/provoke-qemu/held.sh=held.sh"
	typed "sh /files/held.sh start"
	[[ $STATUS -eq 0 ]] || { echo "$ANSWER"; return 1; }
	typed "sh /files/held.sh pid"
	VMM=${ANSWER%%$'\n'*}
	dump
	huge=$ANSWER
	typed "sh /files/held.sh merge"
	[[ $STATUS -eq 0 ]] || { echo "$ANSWER"; return 1; }
	silent
	dump
	merged=$ANSWER

	# the page of another gfn
	pick "$merged" "$small and .writable and (.gfn | endswith(\"1\"))"
	other=$SPTE
	pick "$merged" "$small and .writable and (.gfn | endswith(\"5\"))"
	blamed "$ADDRESS" "$other" pfn-differs "$GFN" "$HVA"

	# a page that KSM merged, writable (bit 1) for the guest
	pick "$merged" "$small and (.writable | not)"
	blamed "$ADDRESS" "$(printf '0x%x' $((SPTE | 2)))" writable "$GFN" "$HVA"

	# a page where no memslot is
	pick "$merged" "$small and .gfn == \"$BESIDE\""
	blamed "$(printf '0x%x' $((ADDRESS + (HOLE - GFN) * 8)))" "$SPTE" no-memslot "$HOLE" 0x0

	# what KVM says of a device's memory
	pick "$merged" '.mmio'
	other=$SPTE
	pick "$merged" "$small and .writable"
	blamed "$ADDRESS" "$other" mmio-over-ram "$GFN" "$HVA"

	# a huge page that was split since
	pick "$huge" ".level == 2 and (.gfn | IN($(jq -c "[.sptes[] | select($small) | .gfn]" <<<"$merged")[]))"
	blamed "$ADDRESS" "$SPTE" huge "$GFN" "$HVA"

	# a page that went to swap, and its spte with it
	pick "$merged" '.gfn == "0x1000"'
	first=$HVA
	typed "sh /files/held.sh reclaim"
	find_swapped "$first"
	pick "$merged" "$small and .writable and (.gfn | IN(${SWAPPED}[]))"
	blamed "$ADDRESS" "$SPTE" not-present "$GFN" "$HVA"

	typed "sh /files/held.sh continue"
	[[ $STATUS -eq 0 ]] || { echo "$ANSWER"; return 1; }
}
