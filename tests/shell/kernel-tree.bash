# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# A tree that knows kbuild's targets and compiles one file, and a flavour of our own, small, for it.
# shellcheck disable=SC2034,SC2154 # variables of bats and of those who load this

kernel_tree_set_up() {
	sptest=${SPTEST:-$BATS_TEST_DIRNAME/../../build/sptest}
	tree=$BATS_TEST_TMPDIR/tree
	own=$BATS_TEST_TMPDIR/config/sptest
	export XDG_CACHE_HOME=$BATS_TEST_TMPDIR/cache XDG_CONFIG_HOME=$BATS_TEST_TMPDIR/config
	for program in flex bison bc pahole rsync; do
		type -P "$program" >/dev/null || skip "$program is not here: ci/setup kernel installs it"
	done
	make_tree
	mkdir -p "$own/flavours" "$own/fragments" "$own/patches/mine"
	printf 'fragments = one\n' >"$own/flavours/small.conf"
	printf 'CONFIG_KVM=m\n' >"$own/fragments/one.config"
}

make_tree() {
	mkdir -p "$tree/scripts/kconfig" "$tree/mm"
	printf 'config KVM\nconfig OLD\n' >"$tree/Kconfig"
	printf 'int page;\n' >"$tree/mm/page.c"
	cat >"$tree/Makefile" <<'EOF'
VERSION = 6
PATCHLEVEL = 12
SUBLEVEL = 9
x86_64_defconfig:
	echo '# CONFIG_OLD is not set' >$(O)/.config
olddefconfig:
	sed -i '/^CONFIG_OLD=/d' $(O)/.config
kernelrelease:
	@echo 6.12.9$(LOCALVERSION)
$(O)/page.o: mm/page.c
	@echo '  CC      mm/page.o'
	gcc -c -o $@ $<
bzImage modules: $(O)/page.o
	mkdir -p $(O)/arch/x86/boot
	truncate -s 1024 $(O)/arch/x86/boot/bzImage
	printf 'HdrS' | dd of=$(O)/arch/x86/boot/bzImage bs=1 seek=514 conv=notrunc status=none
	printf '\000\001' | dd of=$(O)/arch/x86/boot/bzImage bs=1 seek=526 conv=notrunc status=none
	printf '6.12.9%s (x@y)' $(LOCALVERSION) | dd of=$(O)/arch/x86/boot/bzImage bs=1 seek=768 conv=notrunc status=none
	cat mm/page.c >>$(O)/arch/x86/boot/bzImage
modules_install:
	mkdir -p $(INSTALL_MOD_PATH)/lib/modules/6.12.9$(LOCALVERSION)
	cd $(INSTALL_MOD_PATH)/lib/modules/6.12.9$(LOCALVERSION) && touch modules.order modules.builtin
EOF
	cat >"$tree/scripts/kconfig/merge_config.sh" <<'EOF'
#!/bin/bash
shift 4
cat "$@" >>.config
EOF
	chmod +x "$tree/scripts/kconfig/merge_config.sh"
	git -C "$tree" init -q
	commit first
}

commit() {
	git -C "$tree" add -A
	git -C "$tree" -c user.name=x -c user.email=x@y commit -qm "$1"
}
