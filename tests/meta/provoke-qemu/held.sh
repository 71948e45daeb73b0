#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# For a shell in the host machine: QEMU's guest, which a test merges, stops, reclaims and lets go on.
# held.sh start | pid | merge | reclaim | continue
cgroup=/sys/fs/cgroup/held ksm=/sys/kernel/mm/ksm said=/tmp/guest.log

rounds() {
	grep -c '^round ' $said
}

# Until the guest has gone through two rounds more: it has looked at all of its memory.
two_rounds() {
	goal=$(($(rounds) + 2))
	until [ "$(rounds)" -ge $goal ]; do
		kill -0 "$(cat /tmp/held.pid)" || { cat /tmp/qemu.log; return 1; }
		sleep 0.1
	done
}

# A session of QEMU's own: stopped, in the group of a script that ends, it would get a SIGHUP.
start() {
	zram=/dev/zram$(cat /sys/class/zram-control/hot_add)
	echo 64M >"/sys/block/${zram#/dev/}/disksize"
	mkswap "$zram" >/dev/null && swapon "$zram" || return 1
	mkdir -p /sys/fs/cgroup
	mount -t cgroup2 cgroup2 /sys/fs/cgroup 2>/dev/null
	echo +memory >/sys/fs/cgroup/cgroup.subtree_control
	mkdir $cgroup
	echo always >/sys/kernel/mm/transparent_hugepage/enabled
	: >$said
	sh -c "echo \$\$ >$cgroup/cgroup.procs; exec setsid qemu-system-x86_64 -nodefaults \
		-no-user-config -display none -L /files -machine pc -accel kvm -cpu host -m 33 -kernel /bin/guest \
		-debugcon file:$said" 2>/tmp/qemu.log &
	echo $! >/tmp/held.pid
	two_rounds
}

# All equal pages; the guest then writes to some of them again, and is stopped.
merge() {
	echo 10000 >$ksm/pages_to_scan
	echo 10 >$ksm/sleep_millisecs
	[ ! -e $ksm/smart_scan ] || echo 0 >$ksm/smart_scan
	echo 1 >$ksm/run
	until [ "$(cat $ksm/pages_sharing)" -gt 1000 ]; do
		kill -0 "$(cat /tmp/held.pid)" || return 1
		sleep 0.1
	done
	echo 0 >$ksm/run
	two_rounds && kill -STOP "$(cat /tmp/held.pid)" || return 1
	until grep -q 'State:.T' "/proc/$(cat /tmp/held.pid)/status"; do
		sleep 0.1
	done
}

case $1 in
start | merge)
	$1 ;;
pid)
	cat /tmp/held.pid ;;
reclaim)
	echo 12M >$cgroup/memory.reclaim 2>/dev/null || true ;;
continue)
	kill -CONT "$(cat /tmp/held.pid)" && two_rounds && ! grep MISMATCH $said ;;
esac
