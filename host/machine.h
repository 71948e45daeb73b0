/* SPDX-License-Identifier: GPL-2.0-only */
/* The host machine: QEMU with the host kernel in it, or with --here an agent on this machine. */
#ifndef SPTEST_MACHINE_H
#define SPTEST_MACHINE_H

#include <stdbool.h>
#include <sys/types.h>

#include "accel.h"
#include "args.h"
#include "channel.h"
#include "console.h"
#include "kernel.h"
#include "qmp.h"
#include "with.h"

#define MACHINE_QEMU "qemu-system-x86_64"
#define MACHINE_DISK_SERIAL "sptest-image"	/* of config->disk, by which it is found */

struct machine_config {
	struct kernel kernel;
	struct accel accel;
	char *image;			/* path of the host image */
	char image_hash[17];
	char *disk;			/* a read-only disk for it, or NULL */
	char *guest_kernel, *initrd;	/* on this machine: what Linux guests on that disk boot; or NULL */
	double image_s;			/* it took to write */
	const char *mmu;		/* a word that mmu_parameters() knows */
	const char *append;		/* more kernel parameters, or NULL */
	const struct with_list *with;	/* more files for the image */
	unsigned int memory_mib, cpus;
	bool one_node;			/* no more memory than memory_mib */
	const char *gdb;		/* where QEMU's gdbstub listens, or NULL */
	bool here;			/* no machine: this one, without QEMU */
};

/* QEMU's ends of the three sockets, and a file for its scratch disk. */
struct machine_fds {
	int console, channel, qmp, disk;
};

struct machine {
	pid_t pid;			/* 0: none runs */
	int pidfd;			/* readable once it is gone */
	struct console console;
	struct channel channel;
	struct qmp *qmp;		/* NULL with --here */
};

/*
 * Starts it: a boot (CHANNEL_HELLO will come), or from a snapshot (answers CHANNEL_PING). Its files
 * (console.log, qemu.log, qemu.cmd) go into folder. -errno; machine_stop() clears up either way.
 */
int machine_start(struct machine *machine, const struct machine_config *config,
		  const char *folder, const char *snapshot);

/* Kills it and frees everything; harmless if none runs. Its console log stays. */
void machine_stop(struct machine *machine);

/*
 * Writes the machine's state to path, beside and renamed; it runs on afterwards. For a machine that
 * is idle and whose channel is empty. -errno.
 */
int machine_save(struct machine *machine, const char *path);

/* What tells a booted machine from another: QEMU, its options, kernel, image. 16 hex digits. */
void machine_identity(const struct machine_config *config, char hash[17]);

/* machine-x86.c: QEMU's command line. */
void machine_x86_args(struct args *args, const struct machine_config *config,
		      const struct machine_fds *fds);

#endif
