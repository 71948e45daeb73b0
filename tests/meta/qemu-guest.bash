# shellcheck shell=bash disable=SC2034 # variables for the tests
# SPDX-License-Identifier: GPL-2.0-only
# QEMU and a small guest for it, for the host machine.

# The firmware named $1, from where QEMU here looks for it.
firmware() {
	local dir

	while read -r dir; do
		[[ ! -e $dir/$1 ]] || { echo "$dir/$1"; return 0; }
	done < <(qemu-system-x86_64 -L help)
	echo "no $1 of QEMU's here" >&2
	return 1
}

# qemu_guest FOLDER [PAGES]: builds provoke-qemu/guest.c there, for so many pages; WITH gets the options that
# put it, QEMU and its firmware into the host image.
qemu_guest() {
	local name file

	"${CC:-cc}" -Wall -Wextra -Werror -O2 -m32 -march=i686 -mno-sse -ffreestanding -fno-pic -no-pie \
		-fno-stack-protector -fno-asynchronous-unwind-tables -nostdlib -static \
		-Wl,--build-id=none,-Ttext=0x100000,--section-start=.multiboot=0xff000 \
		${2:+"-DPAGES=$2"} -o "$1/guest" "$BATS_TEST_DIRNAME/provoke-qemu/guest.c"
	WITH=(--with "$(command -v qemu-system-x86_64)" --with "$1/guest=guest")
	for name in bios-256k.bin kvmvapic.bin multiboot_dma.bin; do
		file=$(firmware "$name")
		WITH+=(--with "$file=$name")
	done
}

# linux_guest FOLDER IMAGE: a Linux guest in place of the small one, with provoke-qemu/linux-init.c as its init.
linux_guest() {
	local file

	mkdir "$1/root"
	"${CC:-cc}" -Wall -Wextra -Werror -O2 -static -o "$1/root/init" "$BATS_TEST_DIRNAME/provoke-qemu/linux-init.c"
	(cd "$1/root" && echo init | busybox cpio -o -H newc >"$1/initrd")
	file=$(firmware linuxboot_dma.bin)
	WITH+=(--with "$file=linuxboot_dma.bin" --with "$2=linux" --with "$1/initrd=initrd")
}
