/* SPDX-License-Identifier: GPL-2.0-only */
/* Why a guest is gone before its work was done: a line each, the caller's to free. */
#ifndef SPTEST_WORKLOAD_ENDING_H
#define SPTEST_WORKLOAD_ENDING_H

/* Its agent ended, with this status of waitpid(). */
char *ending_of_agent(int status);

/*
 * QEMU ended; status as above. The guest's kernel log tells a panic, after which QEMU ends well (-no-reboot); else the
 * last line that QEMU itself said is of use. Either may be NULL.
 */
char *ending_of_qemu(int status, const char *guest_log, const char *qemu_log);

/* Of a guest that libvirt runs: what it says of it, but a panic is told by the guest's own log (or NULL). */
char *ending_of_domain(const char *said, const char *guest_log);

#endif
