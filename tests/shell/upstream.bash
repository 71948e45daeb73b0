# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# A kernel's source as build-upstream sees it: two of the selftests that the lists name, and one that does not compile.

# upstream_tree DIR
upstream_tree() {
	mkdir -p "$1/tools/testing/selftests/kvm" "$1/tools/testing/selftests/mm" "$1/arch/x86"
	printf 'VERSION = 6\nPATCHLEVEL = 12\nheaders:\n\tmkdir -p usr/include\n' >"$1/Makefile"
	for group in kvm mm; do
		# shellcheck disable=SC2016 # words of make
		printf '$(OUTPUT)/%%: %%.c\n\t$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $<\n' \
			>"$1/tools/testing/selftests/$group/Makefile"
	done
	upstream_program "$1/tools/testing/selftests/kvm/set_memory_region_test.c" 'puts("fine"); return 0;'
	upstream_program "$1/tools/testing/selftests/mm/madv_populate.c" 'puts("not ok 2 populate"); return 1;'
	upstream_program "$1/tools/testing/selftests/mm/mkdirty.c" 'puts("no moon tonight"); return 4;'
	upstream_program "$1/tools/testing/selftests/mm/cow.c" 'return nothing;'
}

# upstream_program FILE BODY
upstream_program() {
	printf '#include <stdio.h>\nint main(void) { %s }\n' "$2" >"$1"
}
