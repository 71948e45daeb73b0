#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# Why `sptest spte` cannot read: each reason provoked in one host machine, one line and exit status 3 each.

load helper
load qemu-guest
load shell

setup_file() {
	META_KERNEL=6.12 meta_prepare
}

teardown() {
	shell_end
	nothing_left
}

# cannot REGEX OPTIONS OF SPTEST SPTE...: the line is all of what it says.
cannot() {
	local expected=$1

	shift
	cannot_say "$expected" "sptest spte $*"
}

# cannot_say REGEX COMMAND
cannot_say() {
	typed "$2"
	# shellcheck disable=SC2153 # typed sets STATUS
	[[ $STATUS -eq 3 && $ANSWER =~ ^"sptest spte: "$1$'\n'$ && $ANSWER != *$'\n'*$'\n' ]] ||
		{ echo "$2: exit status $STATUS, not \"$1\": $ANSWER"; return 1; }
}

# does COMMAND: what the machine must be able to do for this test.
does() {
	typed "$1"
	[[ $STATUS -eq 0 ]] || { echo "$1: exit status $STATUS: $ANSWER"; return 1; }
}

@test "what keeps sptest spte from reading is told in one line" {
	local btf=/sys/kernel/btf security=/sys/kernel/security cache=/run/sptest-spte vmm

	qemu_guest "$BATS_TEST_TMPDIR"
	shell_start --kernel "$KERNEL" --accel tcg --memory 512 "${WITH[@]}"

	does 'echo nobody:x:65534:65534::/:/bin/sh >>/etc/passwd'
	cannot_say 'not root: .*' "su nobody -c 'sptest spte --all'"

	cannot 'there is no process 4194304.*' 4194304
	cannot 'process 1 has no VM: --all lists .*' 1
	cannot 'process 1 has no VM with file descriptor 5.*' 1:5

	# a VM, with no code to run
	does 'qemu-system-x86_64 -nodefaults -no-user-config -display none -L /files -accel kvm -S &'
	# shellcheck disable=SC2016 # for the shell in the machine
	does 'until sptest spte $!; do kill -0 $! || break; sleep 0.1; done 2>/dev/null'
	# shellcheck disable=SC2016
	does 'echo $!'
	vmm=${ANSWER%%$'\n'*}

	# the types are looked up once a boot, unless what is kept of them is lost
	does "rm $cache && mkdir /tmp/btf && mount --bind /tmp/btf $btf"
	cannot "$btf/vmlinux: No such file or directory: .*CONFIG_DEBUG_INFO_BTF.*" "$vmm"
	does "umount $btf && cp $btf/vmlinux /tmp/btf/vmlinux && mount --bind /tmp/btf $btf"
	cannot "no BTF of the kvm module, .*CONFIG_DEBUG_INFO_BTF_MODULES.*" "$vmm"
	does "umount $btf && rm $cache"

	does 'echo 2 >/proc/sys/kernel/kptr_restrict'
	cannot '/proc/kallsyms shows no addresses: set kernel.kptr_restrict to 0 or 1' "$vmm"
	does 'echo 1 >/proc/sys/kernel/kptr_restrict'
	does "sptest spte $vmm"

	# for good
	does "mount -t securityfs securityfs $security && echo confidentiality >$security/lockdown"
	cannot '/proc/kcore: Operation not permitted: .*lockdown=.*' "$vmm"
	does "kill $vmm; wait $vmm || true"
	does 'rmmod kvm_amd && rmmod kvm'
	cannot 'KVM is not loaded: .*modprobe.*' --all
}
