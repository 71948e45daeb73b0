/* SPDX-License-Identifier: GPL-2.0-only */
/* What libvirt's carrier knows of a guest, struct guest's carried. */
#ifndef SPTEST_WORKLOAD_CARRIED_H
#define SPTEST_WORKLOAD_CARRIED_H

#include <libvirt/libvirt.h>

struct carried {
	virDomainPtr domain;
	int pidfd;			/* of QEMU; -1: not known */
	const char *stopped;		/* how it ended, as libvirt says; NULL: it has not */
	struct carried *next;
};

#endif
