// SPDX-License-Identifier: GPL-2.0-only
/* What is x86 about the host machine. */
#include <jansson.h>
#include <stdlib.h>

#include "die.h"
#include "machine.h"
#include "mmu.h"

/*
 * console       the serial port carries the kernel log, from the first line to the last
 * loglevel      everything but debug messages
 * printk.devkmsg  markers must not fall to a rate limit
 * panic         reset at once; with -no-reboot QEMU then exits
 * sysrq_always_enabled, unknown_nmi_panic  what a hang is asked with
 * watchdog_thresh, rcu_cpu_stall_timeout, no_timer_check  emulation on a busy machine is no lockup,
 *               and a timer interrupt that comes late is no broken IO-APIC
 * mitigations   an emulated CPU leaks nothing by speculation, and a return thunk costs it much
 * memhp_default_state  the DIMM of node 1 is there from the start, and all of it can be taken away
 */
#define PARAMETERS \
	"console=ttyS0 loglevel=7 printk.devkmsg=on panic=-1 sysrq_always_enabled unknown_nmi_panic" \
	" memhp_default_state=online_movable"
#define PARAMETERS_TCG "watchdog_thresh=60 rcupdate.rcu_cpu_stall_timeout=240 no_timer_check mitigations=off"

#define NODE1_MIB 256u	/* two memory blocks of 128 MiB */

/*
 * One thread for all emulated CPUs: with a thread each, a CPU that translates code while another patches it
 * can keep an int3 of text_poke() for ever (seen once in some sixty boots: "Oops: int3" in a function with a
 * static key). Several machines side by side use the cores just as well.
 */
static void add_cpu(struct args *args, const struct accel *accel)
{
	args_add(args, "-accel");
	args_add(args, accel->kvm ? "kvm" : "tcg,thread=single");
	args_add(args, "-cpu");
	/* TCG emulates SVM with NPT, no VMX; EPYC is a model that kvm-amd likes; protection keys are beyond it. */
	args_add(args, accel->kvm ? "host" : "EPYC,+svm,+npt,+pku");
}

/*
 * Node 0 has the CPUs and the memory that was asked for; what node 1 has comes on top of it, by a DIMM that
 * the kernel finds through ACPI and takes for ZONE_MOVABLE (PARAMETERS): pages migrate there and back, and
 * each of its blocks can be taken offline. As the CPUs are elsewhere, nothing is allocated there that was
 * not told to, as long as node 0 has room.
 */
static void add_memory(struct args *args, const struct machine_config *config)
{
	args_add(args, "-smp");
	args_add(args, "%u", config->cpus);
	if (config->one_node) {
		args_add(args, "-m");
		args_add(args, "%u", config->memory_mib);
		return;
	}
	args_add(args, "-m");
	args_add(args, "%u,slots=1,maxmem=%uM", config->memory_mib, config->memory_mib + NODE1_MIB);
	args_add(args, "-object");
	args_add(args, "memory-backend-ram,id=node0,size=%uM", config->memory_mib);
	args_add(args, "-numa");
	args_add(args, "node,nodeid=0,memdev=node0,cpus=0-%u", config->cpus - 1);
	args_add(args, "-numa");
	args_add(args, "node,nodeid=1");
	args_add(args, "-object");
	args_add(args, "memory-backend-ram,id=node1,size=%uM", NODE1_MIB);
	args_add(args, "-device");
	args_add(args, "pc-dimm,memdev=node1,node=1");
}

static void add_channels(struct args *args, const struct machine_fds *fds)
{
	args_add(args, "-chardev");
	args_add(args, "socket,id=console,fd=%d", fds->console);
	args_add(args, "-serial");
	args_add(args, "chardev:console");
	args_add(args, "-chardev");
	args_add(args, "socket,id=channel,fd=%d", fds->channel);
	args_add(args, "-device");
	args_add(args, "virtio-serial-pci");
	args_add(args, "-device");
	args_add(args, "virtserialport,chardev=channel,name=" CHANNEL_PORT);
	args_add(args, "-chardev");
	args_add(args, "socket,id=qmp,fd=%d", fds->qmp);
	args_add(args, "-mon");
	args_add(args, "chardev=qmp,mode=control");
}

/* A sparse scratch disk for swap and file systems; it has no name and goes with the machine. */
static void add_disk(struct args *args, const struct machine_fds *fds)
{
	args_add(args, "-add-fd");
	args_add(args, "fd=%d,set=1", fds->disk);
	args_add(args, "-blockdev");
	args_add(args, "driver=file,node-name=scratch,filename=/dev/fdset/1,cache.no-flush=on,"
		 "discard=unmap,locking=off");
	args_add(args, "-device");
	args_add(args, "virtio-blk-pci,drive=scratch,serial=sptest-scratch,romfile=");
}

/* As JSON: the path may have commas in it. */
static void add_image_disk(struct args *args, const char *path)
{
	json_t *file = json_pack("{s:s, s:s, s:s, s:b, s:s}", "driver", "file", "node-name", "image",
				 "filename", path, "read-only", 1, "locking", "off");
	char *text = json_dumps(file, JSON_COMPACT);

	if (!text)
		die(STATUS_USAGE, "%s: not UTF-8", path);
	args_add(args, "-blockdev");
	args_add(args, "%s", text);
	args_add(args, "-device");
	args_add(args, "virtio-blk-pci,drive=image,serial=" MACHINE_DISK_SERIAL ",romfile=");
	free(text);
	json_decref(file);
}

void machine_x86_args(struct args *args, const struct machine_config *config,
		      const struct machine_fds *fds)
{
	args_add(args, MACHINE_QEMU);
	/* No devices but those named here: no NIC, no graphics, no option ROMs. */
	args_add(args, "-nodefaults");
	args_add(args, "-no-user-config");
	args_add(args, "-display");
	args_add(args, "none");
	args_add(args, "-no-reboot");
	args_add(args, "-machine");
	args_add(args, "q35");
	add_cpu(args, &config->accel);
	add_memory(args, config);
	args_add(args, "-kernel");
	args_add(args, "%s", config->kernel.image);
	args_add(args, "-initrd");
	args_add(args, "%s", config->image);
	args_add(args, "-append");
	args_add(args, PARAMETERS "%s %s%s%s", config->accel.kvm ? "" : " " PARAMETERS_TCG,
		 mmu_parameters(config->mmu), config->append ? " " : "",
		 config->append ? config->append : "");
	add_channels(args, fds);
	add_disk(args, fds);
	if (config->disk)
		add_image_disk(args, config->disk);
	if (config->gdb) {
		args_add(args, "-gdb");
		args_add(args, "%s", config->gdb);
	}
}
