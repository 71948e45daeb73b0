/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SPTEST_WORKLOAD_QEMU_X86_H
#define SPTEST_WORKLOAD_QEMU_X86_H

#include "host/args.h"
#include "workload/guest.h"
#include "workload/plan.h"

/*
 * Of the guest's kernel:
 * no_timer_check, tsc, lpj   nothing is calibrated against a timer of an emulated host
 * loglevel                   warnings only: each character on the serial port is an exit
 * mitigations                they cost exits and guard nothing here
 * memhp_default_state        what is plugged can be unplugged again
 * page_reporting_order       what it frees is reported in pieces of 64 KiB, not of 2 MiB (workload/vmm.h)
 */
#define GUEST_PARAMETERS \
	"console=ttyS0 loglevel=4 panic=-1 no_timer_check tsc=reliable lpj=4000000 mitigations=off nokaslr" \
	" watchdog_thresh=60 rcupdate.rcu_cpu_stall_timeout=240 memhp_default_state=online_movable" \
	" page_reporting.page_reporting_order=4"

#define GUEST_ROOT "/image"		/* the disk with QEMU and the guests' programs, mounted */
/* Of the guest of a number, in the folder where the director is. */
#define GUEST_LOG "guest-%u.log"
#define QEMU_LOG "qemu-%u.log"
#define GUEST_PLUG "plug"			/* its virtio-mem device */
#define GUEST_REPORTS 65536ul		/* its free memory, in whole pieces of that (page_reporting_order) */

/*
 * QEMU's command line for a guest of the plan. image, scratch: block devices of the programs and of the jobs'
 * data; channel, qmp, levers: descriptors of sockets, for its init and twice for QEMU's own protocol; levers may be -1.
 */
void qemu_x86_args(struct args *args, const struct plan *plan, const struct guest *guest, const char *image,
		   const char *scratch, int channel, int qmp, int levers);

#endif
