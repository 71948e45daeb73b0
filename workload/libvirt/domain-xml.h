/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SPTEST_WORKLOAD_DOMAIN_XML_H
#define SPTEST_WORKLOAD_DOMAIN_XML_H

#include <stdbool.h>

#include "workload/plan.h"

/* What the plan leaves open of a guest. Paths are absolute, of the machine that libvirt runs on. */
struct domain {
	const char *name;		/* libvirt knows it by that */
	bool kvm;			/* else TCG */
	const char *kernel, *initrd;
	const char *image;		/* the disk with its programs, never written to */
	const char *data;		/* a file for its jobs; NULL: none */
	const char *channel;		/* a socket that somebody listens on, for its init */
	const char *log;		/* its serial port is written there */
	const char *beats;		/* a file in /dev/shm, without the path, for heartbeats */
};

/* libvirt's description of the guest, which QEMU runs as root with files as they are; the caller's to free. */
char *domain_xml(const struct plan *plan, const struct domain *domain);

/* Of its memory device for hotplug, asked for so many MiB of it; the caller's to free. */
char *domain_plug_xml(const struct plan *plan, int mib);

#endif
