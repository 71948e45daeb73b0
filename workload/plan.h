/* SPDX-License-Identifier: GPL-2.0-only */
/* What the runner (host/workload.c) wants the director to do. */
#ifndef SPTEST_WORKLOAD_PLAN_H
#define SPTEST_WORKLOAD_PLAN_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/* What a guest's memory is. */
enum backing {
	BACKING_ANONYMOUS,
	BACKING_MEMFD,		/* shared */
	BACKING_HUGEPAGES,	/* of 2 MiB, reserved */
	BACKING_LOCKED,
	BACKING_NOSHAREPAGES,	/* KSM leaves it alone */
};

struct plan {
	json_t *root, *jobs;
	json_t *set, *each_second;	/* of pressures, see workload/settings.h; NULL: none */
	int host_mib, guest_mib, pattern_mib, memhog_mib, swap_mib, disk_mib;
	int guests;		/* so many, all equal */
	int balloon_mib;	/* that the balloon takes and gives back; 0: there is none */
	int hotplug_mib;	/* that virtio-mem gives and takes back, beside guest_mib; 0: it has none */
	int high_mib;		/* memory.high of the guest; 0: no limit */
	int seconds;		/* of guest time that jobs are repeated for */
	int ksm;		/* flag */
	int numa;		/* flag: memory goes from node to node */
	int churn;		/* flag: guests are paused, saved, restored and migrated */
	enum backing backing;
	struct {
		int fork, punch, memslots;	/* flags: what a VMM is made to do, see workload/vmm.h */
	} vmm;
	int cpus, iothreads;	/* of each guest */
	int node;		/* its memory has to be of that; -1: of any */
	char *folder;		/* where the director works */
	struct {
		const char *kernel, *initrd, *image;	/* of the guests; NULL: it is no plan of --here */
		int kvm;				/* flag; else guests are emulated, and have no sptes */
	} here;
	uint64_t seed;
	unsigned int slowness;	/* deadlines are multiplied by it */
};

/*
 * The one in the file argv[1], which lies in the folder to work in; in a machine of our own that of the program of
 * this name, PLANS/GROUP/NAME. Complains and returns false if there is none.
 */
bool plan_load(struct plan *plan, char *const argv[]);

/* What plan->root says, put into the rest; false, and error says why, if it makes no sense. */
bool plan_read(struct plan *plan, json_error_t *error);
void plan_release(struct plan *plan);

#endif
