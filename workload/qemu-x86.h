/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SPTEST_WORKLOAD_QEMU_X86_H
#define SPTEST_WORKLOAD_QEMU_X86_H

#include "host/args.h"
#include "workload/plan.h"

#define GUEST_ROOT "/image"		/* the disk with QEMU and the guests' programs, mounted */
/* Of the guest of a number. */
#define GUEST_LOG "/tmp/guest-%u.log"
#define QEMU_LOG "/tmp/qemu-%u.log"
#define GUEST_BEATS "/dev/shm/beats-%u"
#define GUEST_PLUG "plug"			/* its virtio-mem device */
#define GUEST_BEATS_SIZE (1 << 20)	/* the least that QEMU takes for a BAR */

/*
 * QEMU's command line for the guest of this number of the plan. image, scratch: block devices of the programs and of the jobs'
 * data; channel, qmp, levers: descriptors of sockets, for its init and twice for QEMU's own protocol; levers may be -1.
 */
void qemu_x86_args(struct args *args, const struct plan *plan, unsigned int number, const char *image,
		   const char *scratch, int channel, int qmp, int levers);

#endif
