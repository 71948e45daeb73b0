#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# sptest kernels build, on a tree that knows kbuild's targets and compiles one file.
# shellcheck disable=SC2154 # variables of bats

bats_require_minimum_version 1.5.0

setup() {
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

build() {
	run --separate-stderr "$sptest" kernels build --tree "$tree" "$@"
}

@test "a flavour is built from a tree: image, config and modules are in the cache" {
	build small
	[ "$status" -eq 0 ]
	[[ ${lines[0]} == "small: 6.12.9-small, small-tree-"*", built from $tree" ]]
	image=${lines[1]# *}
	image=${image// /}
	[ -s "$image" ]
	grep -q CONFIG_KVM=m "${image%/vmlinuz}/config"
	run "$sptest" kernels show "$image"
	[[ $output == *"lib/modules/6.12.9-small"* ]]
}

@test "the same input is not built again, another one is" {
	build small
	[[ $stderr == *"building small"* ]]
	build small
	[ "$status" -eq 0 ]
	[[ $stderr != *building* ]]
	printf 'CONFIG_KVM=y\n' >"$own/fragments/one.config"
	build small
	[[ $stderr == *"building small"* ]]
}

@test "only what a patch touches is compiled again" {
	printf 'int other;\n' >"$tree/mm/other.c"
	commit second
	build small
	stamp=$(stat -c %Y "$XDG_CACHE_HOME"/sptest/trees/small-*/tree/mm/other.c)
	sleep 1.1
	printf 'int page, more;\n' >"$tree/mm/page.c"
	build small
	[ "$status" -eq 0 ]
	[ "$(stat -c %Y "$XDG_CACHE_HOME"/sptest/trees/small-*/tree/mm/other.c)" = "$stamp" ]
	grep -q 'CC      mm/page.o' "$XDG_CACHE_HOME"/sptest/kernels/built-small-*/build.log
	nm "$XDG_CACHE_HOME"/sptest/trees/small-*/objects/page.o | grep -q more
}

@test "a symbol that the tree has and that was refused is named, one it has not is passed over" {
	printf 'CONFIG_KVM=m\nCONFIG_UNHEARD_OF=y\n' >"$own/fragments/one.config"
	build small
	[ "$status" -eq 0 ]
	printf 'CONFIG_OLD=y\n' >"$own/fragments/one.config"
	build small
	[ "$status" -eq 3 ]
	[[ $stderr == *"one.config: CONFIG_OLD is n, not y"* ]]
	[ "$(find "$XDG_CACHE_HOME/sptest/kernels" -name '.building*')" = "" ]
}

@test "a file that does not compile: its first error, nothing left in the cache" {
	printf 'int page = ;\n' >"$tree/mm/page.c"
	build small
	[ "$status" -eq 3 ]
	[[ $stderr == *"small does not compile: "*"error: expected expression"* ]]
	[ "$(find "$XDG_CACHE_HOME/sptest/kernels" -maxdepth 1 -name '*small*')" = "" ]
}

@test "a patch is applied; one for the version goes before the common one; one that does not fit is named" {
	printf 'fragments = one\npatches = mine\n' >"$own/flavours/patched.conf"
	printf '%s\n' 'Rename' '--- a/mm/page.c' '+++ b/mm/page.c' '@@ -1 +1 @@' '-int nothing;' '+int x;' \
		>"$own/patches/mine/0001-x.patch"
	build patched
	[ "$status" -eq 3 ]
	[[ $stderr == *"0001-x.patch does not apply"* ]]
	mkdir "$own/patches/mine/6.12"
	sed s/nothing/page/ "$own/patches/mine/0001-x.patch" >"$own/patches/mine/6.12/0001-x.patch"
	build patched
	[ "$status" -eq 0 ]
	grep -qx 'int x;' "$XDG_CACHE_HOME"/sptest/trees/patched-*/tree/mm/page.c
	grep -qx 'int page;' "$tree/mm/page.c"
}

@test "a commit, and each commit of a range" {
	printf 'int page, second;\n' >"$tree/mm/page.c"
	commit second
	printf 'int page, third;\n' >"$tree/mm/page.c"
	commit third
	build --commit HEAD~1 small
	[ "$status" -eq 0 ]
	grep -q second "$XDG_CACHE_HOME"/sptest/trees/small-*/tree/mm/page.c
	build --commit HEAD~2..HEAD small
	[ "$status" -eq 0 ]
	[ "$(grep -c '^small: ' <<<"$output")" -eq 2 ]
	build --commit nothing small
	[ "$status" -eq 2 ]
	[[ $stderr == *"nothing: no commit of the git tree"* ]]
}

@test "words that mean nothing" {
	build unknown
	[ "$status" -eq 2 ]
	[[ $stderr == *"unknown: no such flavour"* ]]
	run --separate-stderr "$sptest" kernels build --tree "$BATS_TEST_TMPDIR" small
	[ "$status" -eq 2 ]
	[[ $stderr == *"not a kernel source tree"* ]]
	run --separate-stderr "$sptest" kernels build
	[ "$status" -eq 2 ]
	[[ $stderr == *"name a kernel"* ]]
	run --separate-stderr "$sptest" kernels build --commit x small
	[ "$status" -eq 2 ]
	[[ $stderr == *"--commit goes with --tree"* ]]
}
