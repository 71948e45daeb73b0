// SPDX-License-Identifier: GPL-2.0-only
#include "workload/qemu-x86.h"

#include <stdlib.h>

#include "guest-agent/agent.h"
#include "guest-image/channel.h"
#include "host/die.h"

static void add_disk(struct args *args, const char *name, const char *device, const char *more)
{
	args_add(args, "-blockdev");
	args_add(args, "driver=host_device,node-name=%s-file,filename=%s,locking=off%s", name, device, more);
}

/* The jobs have the first disk_mib of the scratch disk. */
static void add_disks(struct args *args, const struct plan *plan, const char *image, const char *scratch)
{
	const char *thread = plan->iothreads ? ",iothread=io1" : "";

	for (int i = 1; i <= plan->iothreads; i++) {
		args_add(args, "-object");
		args_add(args, "iothread,id=io%d", i);
	}
	add_disk(args, "image", image, ",read-only=on");
	args_add(args, "-device");
	args_add(args, "virtio-blk-pci,drive=image-file,romfile=%s", thread);
	if (!plan->disk_mib)
		return;
	add_disk(args, "data", scratch, "");
	args_add(args, "-blockdev");
	args_add(args, "driver=raw,node-name=data,file=data-file,size=%lld", (long long)plan->disk_mib << 20);
	args_add(args, "-device");
	args_add(args, "virtio-blk-pci,drive=data,romfile=%s", thread);
}

static void add_backend(struct args *args, const struct plan *plan, const char *id, int mib)
{
	static const char *const backends[] = {
		[BACKING_ANONYMOUS] = "memory-backend-ram",
		[BACKING_MEMFD] = "memory-backend-memfd,share=on",
		[BACKING_HUGEPAGES] = "memory-backend-memfd,hugetlb=on,hugetlbsize=2M",
		[BACKING_LOCKED] = "memory-backend-ram",
		[BACKING_NOSHAREPAGES] = "memory-backend-ram,merge=off",
	};
	char *policy = plan->node < 0 ? xstrdup("") : xasprintf(",host-nodes=%d,policy=bind", plan->node);

	args_add(args, "-object");
	args_add(args, "%s,id=%s,size=%dM%s", backends[plan->backing], id, mib, policy);
	free(policy);
}

/* What takes memory from the guest and gives it back. */
static void add_resizers(struct args *args, const struct plan *plan, int levers)
{
	if (plan->balloon_mib || plan->vmm.punch) {
		args_add(args, "-device");
		args_add(args, "virtio-balloon-pci%s", plan->vmm.punch ? ",free-page-reporting=on" : "");
	}
	if (plan->hotplug_mib) {
		add_backend(args, plan, GUEST_PLUG "-ram", plan->hotplug_mib);
		args_add(args, "-device");
		args_add(args, "virtio-mem-pci,id=" GUEST_PLUG ",memdev=" GUEST_PLUG "-ram,requested-size=0");
	}
	if (levers < 0)
		return;
	args_add(args, "-chardev");
	args_add(args, "socket,id=levers,fd=%d", levers);
	args_add(args, "-mon");
	args_add(args, "chardev=levers,mode=control");
}

static void add_memory(struct args *args, const struct plan *plan, const struct guest *guest)
{
	args_add(args, "-m");
	if (plan->hotplug_mib)
		args_add(args, "%d,slots=1,maxmem=%dM", plan->guest_mib, plan->guest_mib + plan->hotplug_mib);
	else
		args_add(args, "%d", plan->guest_mib);
	add_backend(args, plan, "ram", plan->guest_mib);
	args_add(args, "-object");
	args_add(args, "memory-backend-file,id=beats,mem-path=/dev/shm/%s,size=%d,share=on", guest->beats_name,
		 BEAT_DEVICE_SIZE);
	args_add(args, "-device");
	args_add(args, "ivshmem-plain,memdev=beats%s", plan->churn ? ",master=on" : "");
	if (plan->vmm.memslots) {
		args_add(args, "-object");
		args_add(args, "memory-backend-ram,id=memslot,size=%d", MEMSLOT_DEVICE_SIZE);
		args_add(args, "-device");
		args_add(args, "ivshmem-plain,memdev=memslot");
	}
	if (plan->backing != BACKING_LOCKED)
		return;
	args_add(args, "-overcommit");
	args_add(args, "mem-lock=on");
}

/*
 * Without XSAVE: under SVM as QEMU emulates it KVM does not learn of a guest's XSETBV, so that CPUID goes on to say 576 bytes
 * for what is more. A kernel then does without by itself, but 7.3 dies of it (fpu__init_disable_system_xstate() in
 * arch/x86/kernel/fpu/xstate.c). Where it is made to fit, programs save more than they have room for; without XSAVE but
 * with AVX 7.3 uses that all the same (gf128hash).
 */
void qemu_x86_args(struct args *args, const struct plan *plan, const struct guest *guest, const char *image,
		   const char *scratch, int channel, int qmp, int levers)
{
	static const char *const fixed[] = {
		"-nodefaults", "-no-user-config", "-no-reboot", "-display", "none", "-L", "/firmware",
		"-machine", "pc,accel=kvm,hpet=off,memory-backend=ram", "-cpu", "host,-xsave,-avx",
		"-kernel", "/boot/linux", "-initrd", "/boot/initrd", "-append", GUEST_PARAMETERS,
		"-mon", "chardev=qmp,mode=control",
		"-device", "virtio-serial-pci",
		"-device", "virtserialport,chardev=channel,name=" CHANNEL_PORT,
	};

	args_add(args, "qemu-system-x86_64");
	args_add(args, "-chardev");
	args_add(args, "socket,id=channel,fd=%d", channel);
	args_add(args, "-chardev");
	args_add(args, "socket,id=qmp,fd=%d", qmp);
	args_add(args, "-smp");
	args_add(args, "%d", plan->cpus);
	args_add(args, "-serial");
	args_add(args, "file:%s/" GUEST_LOG, plan->folder, guest->number);
	add_memory(args, plan, guest);
	add_resizers(args, plan, levers);
	for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
		args_add(args, "%s", fixed[i]);
	if (guest->heir) {
		args_add(args, "-incoming");
		args_add(args, "defer");
	}
	add_disks(args, plan, image, scratch);
}
