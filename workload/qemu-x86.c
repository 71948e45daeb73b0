// SPDX-License-Identifier: GPL-2.0-only
#include "workload/qemu-x86.h"

#include "guest-image/channel.h"

/*
 * no_timer_check, tsc, lpj   nothing is calibrated against a timer of an emulated host
 * loglevel                   warnings only: each character on the serial port is an exit
 * mitigations                they cost exits and guard nothing here
 * memhp_default_state        what is plugged can be unplugged again
 */
#define PARAMETERS \
	"console=ttyS0 loglevel=4 panic=-1 no_timer_check tsc=reliable lpj=4000000 mitigations=off nokaslr" \
	" watchdog_thresh=60 rcupdate.rcu_cpu_stall_timeout=240 memhp_default_state=online_movable"

static void add_disk(struct args *args, const char *name, const char *device, const char *more)
{
	args_add(args, "-blockdev");
	args_add(args, "driver=host_device,node-name=%s-file,filename=%s,locking=off%s", name, device, more);
}

/* The jobs have the first disk_mib of the scratch disk. */
static void add_disks(struct args *args, const struct plan *plan, const char *image, const char *scratch)
{
	add_disk(args, "image", image, ",read-only=on");
	args_add(args, "-device");
	args_add(args, "virtio-blk-pci,drive=image-file,romfile=");
	if (!plan->disk_mib)
		return;
	add_disk(args, "data", scratch, "");
	args_add(args, "-blockdev");
	args_add(args, "driver=raw,node-name=data,file=data-file,size=%lld", (long long)plan->disk_mib << 20);
	args_add(args, "-device");
	args_add(args, "virtio-blk-pci,drive=data,romfile=");
}

static void add_backend(struct args *args, const struct plan *plan, const char *id, int mib)
{
	args_add(args, "-object");
	args_add(args, "memory-backend-%s,id=%s,size=%dM%s", plan->memfd ? "memfd" : "ram", id, mib,
		 plan->memfd ? ",share=on" : "");
}

/* What takes memory from the guest and gives it back. */
static void add_resizers(struct args *args, const struct plan *plan, int levers)
{
	if (plan->balloon_mib) {
		args_add(args, "-device");
		args_add(args, "virtio-balloon-pci");
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

static void add_memory(struct args *args, const struct plan *plan, unsigned int number)
{
	args_add(args, "-m");
	if (plan->hotplug_mib)
		args_add(args, "%d,slots=1,maxmem=%dM", plan->guest_mib, plan->guest_mib + plan->hotplug_mib);
	else
		args_add(args, "%d", plan->guest_mib);
	add_backend(args, plan, "ram", plan->guest_mib);
	args_add(args, "-object");
	args_add(args, "memory-backend-file,id=beats,mem-path=" GUEST_BEATS ",size=%d,share=on",
		 number, GUEST_BEATS_SIZE);
	args_add(args, "-device");
	args_add(args, "ivshmem-plain,memdev=beats");
}

void qemu_x86_args(struct args *args, const struct plan *plan, unsigned int number, const char *image,
		   const char *scratch, int channel, int qmp, int levers)
{
	static const char *const fixed[] = {
		"-nodefaults", "-no-user-config", "-no-reboot", "-display", "none", "-L", "/firmware",
		"-machine", "pc,accel=kvm,hpet=off,memory-backend=ram", "-cpu", "host", "-smp", "1",
		"-kernel", "/boot/linux", "-initrd", "/boot/initrd", "-append", PARAMETERS,
		"-mon", "chardev=qmp,mode=control",
		"-device", "virtio-serial-pci",
		"-device", "virtserialport,chardev=channel,name=" CHANNEL_PORT,
	};

	args_add(args, "qemu-system-x86_64");
	args_add(args, "-chardev");
	args_add(args, "socket,id=channel,fd=%d", channel);
	args_add(args, "-chardev");
	args_add(args, "socket,id=qmp,fd=%d", qmp);
	args_add(args, "-serial");
	args_add(args, "file:" GUEST_LOG, number);
	add_memory(args, plan, number);
	add_resizers(args, plan, levers);
	for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
		args_add(args, "%s", fixed[i]);
	add_disks(args, plan, image, scratch);
}
