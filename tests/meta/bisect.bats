#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# sptest bisect with machines that boot, or do not: the tree's build hands out a stock kernel, what mm/page.c says
# becomes a module of it or spoils its image, and a provoker looks for that module.
# shellcheck disable=SC2154 # variables of bats

load helper
load ../shell/kernel-tree

setup_file() {
	meta_prepare
}

setup() {
	STOCK=$KERNEL
	kernel_tree_set_up
	# kernels and snapshots go into this file's cache, not into this test's
	export XDG_CACHE_HOME=$BATS_FILE_TMPDIR/cache
	stock_build
	commit 'hand out a stock kernel'
}

teardown() {
	nothing_left
}

# The real image; two bytes of code at its start that reset the machine where page.c says so.
stock_build() {
	local modules=${STOCK%/*}/lib/modules

	awk '/^bzImage modules:/ { exit } { print }' "$tree/Makefile" >"$tree/Makefile.new"
	cat >>"$tree/Makefile.new" <<EOT
modules:
bzImage: \$(O)/page.o
	mkdir -p \$(O)/arch/x86/boot
	cp $STOCK \$(O)/arch/x86/boot/bzImage
	! grep -q noboot mm/page.c || $BATS_TEST_TMPDIR/spoil \$(O)/arch/x86/boot/bzImage
modules_install:
	mkdir -p \$(INSTALL_MOD_PATH)/lib/modules
	cd $modules && cp -r --parents */modules.order */modules.builtin* */kernel/arch */kernel/virt */kernel/drivers/virtio \\
		*/kernel/drivers/char */kernel/drivers/block \$(INSTALL_MOD_PATH)/lib/modules
	! grep -q bug mm/page.c || cp \$(INSTALL_MOD_PATH)/lib/modules/*/kernel/drivers/block/zram/zram.ko \\
		"\$\$(echo \$(INSTALL_MOD_PATH)/lib/modules/*/kernel)/bug.ko"
EOT
	mv "$tree/Makefile.new" "$tree/Makefile"
	# jmp over the header, where its own jump goes; there: out 0xfe to the keyboard's port 0x64, hlt
	cat >"$BATS_TEST_TMPDIR/spoil" <<'EOT'
#!/bin/sh
at=$((514 + $(od -An -tu1 -j513 -N1 "$1")))
printf '\260\376\346\144\364' | dd of="$1" bs=1 seek="$at" conv=notrunc status=none
EOT
	chmod +x "$BATS_TEST_TMPDIR/spoil"
}

# page WORDS SUBJECT: a commit of that text.
page() {
	printf 'int page; /* %s */\n' "$1" >"$tree/mm/page.c"
	commit "$2"
}

@test "a kernel that builds and does not boot is skipped" {
	page 'the bug' culprit
	page 'the bug, noboot' lame
	page 'the bug, still' fourth
	page 'the bug, again' last
	run --separate-stderr "$SPTEST" bisect --tree "$tree" --flavour small --good HEAD~4 --bad HEAD --accel tcg \
		--selftests "$PROVOKE" --tests bisect/module --out "$BATS_TEST_TMPDIR/out"
	echo "$output" "$stderr"
	tail -n 3 "$BATS_TEST_TMPDIR"/out/*/build.log
	[[ $status -eq 0 ]]
	[[ $output == *"skip  "*" lame"* && $output == *"bad   "*" culprit"* && $output == *"bad   "*" last"* ]]
	[[ $output == *"good  "*" hand out a stock kernel"* ]]
	[[ $output == *" is the first bad commit"*culprit* ]]
	grep -q '^git bisect skip' "$BATS_TEST_TMPDIR"/out/*/bisect.log
}
