#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# For a shell in the host machine: settings that tests pin. Prints them as "FILE VALUE", the choice in force of several.
# settings.sh odd | show | during TEST
thp=/sys/kernel/mm/transparent_hugepage mglru=/sys/kernel/mm/lru_gen/enabled

show() {
	for file in $thp/enabled $thp/defrag $thp/shmem_enabled $thp/use_zero_page $thp/hugepages-64kB/enabled \
		$thp/hugepages-64kB/shmem_enabled $thp/hugepages-2048kB/enabled \
		$thp/hugepages-2048kB/shmem_enabled $mglru; do
		echo "${file#/sys/kernel/mm/} $(sed 's/.*\[\(.*\)\].*/\1/' "$file")"
	done
}

# None of them as a stock kernel has it.
odd() {
	echo never >$thp/enabled && echo always >$thp/defrag && echo always >$thp/shmem_enabled &&
		echo 0 >$thp/use_zero_page && echo always >$thp/hugepages-64kB/enabled &&
		echo within_size >$thp/hugepages-64kB/shmem_enabled && echo madvise >$thp/hugepages-2048kB/enabled &&
		echo never >$thp/hugepages-2048kB/shmem_enabled && echo 0 >$mglru
}

# As the test finds them: it has pinned them before its plan is out, and stands still meanwhile.
during() {
	: >/run/said
	"$1" --case "$2" >/run/said 2>&1 &
	test=$!
	until grep -q '^1[.][.]' /run/said; do
		kill -0 $test || return 1
	done
	kill -STOP $test
	show
	kill -CONT $test
	wait $test
}

"$@"
