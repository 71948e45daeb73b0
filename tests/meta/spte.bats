#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# The coherence check on a VM that is no test's own: QEMU's, while its memory is swapped and merged.
# SPTEST_ROUNDS=N: so many looks, live and as many with --freeze.

load helper

setup_file() {
	local qemu=$BATS_TEST_DIRNAME/provoke-qemu file

	META_KERNEL=6.12 meta_prepare
	export PROVOKE=$qemu GUEST=$BATS_FILE_TMPDIR/guest
	"${CC:-cc}" -Wall -Wextra -Werror -O2 -m32 -march=i686 -mno-sse -ffreestanding -fno-pic -no-pie \
		-fno-stack-protector -fno-asynchronous-unwind-tables -nostdlib -static \
		-Wl,--build-id=none,-Ttext=0x100000,--section-start=.multiboot=0xff000 \
		-o "$GUEST" "$qemu/guest.c"
}

teardown() {
	nothing_left
}

# The firmware named $1, from where QEMU here looks for it.
firmware() {
	local dir

	while read -r dir; do
		[[ ! -e $dir/$1 ]] || { echo "$dir/$1"; return 0; }
	done < <(qemu-system-x86_64 -L help)
	echo "no $1 of QEMU's here" >&2
	return 1
}

@test "the sptes of a QEMU guest stay coherent while it is swapped and merged" {
	local -a with=(--with "$(command -v qemu-system-x86_64)" --with "$GUEST=guest")
	local name file

	for name in bios-256k.bin kvmvapic.bin multiboot_dma.bin; do
		file=$(firmware "$name")
		with+=(--with "$file=$name")
	done
	echo "${SPTEST_ROUNDS:-4}" >"$BATS_TEST_TMPDIR/rounds"
	with+=(--with "$BATS_TEST_TMPDIR/rounds=rounds")
	meta_run --memory 768 --verbose "${with[@]}"
	grep '^# ' "$OUT/latest/tests/spte-pressure/ktap" | sed 's/^# /# spte: /' >&3
	[[ $status -eq 0 ]]
	verdict_is spte/pressure pass
	[[ $(of spte/pressure '.cases | length') -eq 8 ]]
}
