// SPDX-License-Identifier: GPL-2.0-only
#include "accel-arch.h"

#include <errno.h>
#include <linux/kvm.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "path.h"

#define CODE_GPA 0x1000
#define HLT 0xf4

const char *accel_arch_module(char why[200])
{
	char *cpuinfo = file_read("/proc/cpuinfo", NULL);
	char *flags = cpuinfo ? strstr(cpuinfo, "\nflags") : NULL;
	const char *module = NULL;

	if (flags) {
		flags[1 + strcspn(flags + 1, "\n")] = '\0';
		if (strstr(flags, " svm"))
			module = "kvm_amd";
		else if (strstr(flags, " vmx"))
			module = "kvm_intel";
	}
	if (!module)
		snprintf(why, 200, "no svm or vmx in the CPU flags");
	free(cpuinfo);
	return module;
}

static int set_up_vcpu(int vcpu)
{
	struct kvm_regs regs = { .rip = CODE_GPA, .rflags = 2 };
	struct kvm_sregs sregs;

	if (ioctl(vcpu, KVM_GET_SREGS, &sregs))
		return -errno;
	sregs.cs.base = 0;
	sregs.cs.selector = 0;
	if (ioctl(vcpu, KVM_SET_SREGS, &sregs) || ioctl(vcpu, KVM_SET_REGS, &regs))
		return -errno;
	return 0;
}

static int add_page(int vm, unsigned char *page)
{
	struct kvm_userspace_memory_region region = {
		.guest_phys_addr = CODE_GPA,
		.memory_size = 4096,
		.userspace_addr = (unsigned long)page,
	};

	page[0] = HLT;
	return ioctl(vm, KVM_SET_USER_MEMORY_REGION, &region) ? -errno : 0;
}

/* The exit reason, or -errno. */
static int run_vcpu(int kvm, int vcpu)
{
	int size = ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
	struct kvm_run *run;
	int err = set_up_vcpu(vcpu), reason;

	if (err)
		return err;
	if (size < (int)sizeof(*run))
		return -EINVAL;
	run = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu, 0);
	if (run == MAP_FAILED)
		return -errno;
	reason = ioctl(vcpu, KVM_RUN, 0) ? -errno : (int)run->exit_reason;
	munmap(run, size);
	return reason;
}

bool accel_arch_run(int kvm, char why[200])
{
	unsigned char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int vm = ioctl(kvm, KVM_CREATE_VM, 0), vcpu = -1, ret = -ENOMEM;

	if (vm < 0)
		ret = -errno;
	else if (page != MAP_FAILED)
		ret = add_page(vm, page);
	if (!ret) {
		vcpu = ioctl(vm, KVM_CREATE_VCPU, 0);
		ret = vcpu < 0 ? -errno : run_vcpu(kvm, vcpu);
	}
	if (ret < 0)
		snprintf(why, 200, "a guest of one hlt does not run: %s", strerror(-ret));
	else if (ret != KVM_EXIT_HLT)
		snprintf(why, 200, "a guest of one hlt leaves with exit reason %d instead of %d", ret,
			 KVM_EXIT_HLT);
	if (vcpu >= 0)
		close(vcpu);
	if (vm >= 0)
		close(vm);
	if (page != MAP_FAILED)
		munmap(page, 4096);
	return ret == KVM_EXIT_HLT;
}
