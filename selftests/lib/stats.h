/* SPDX-License-Identifier: GPL-2.0-only */
/* KVM's binary statistics (Documentation/virt/kvm/api.rst, 4.133), by name. */
#ifndef SPTEST_LIB_STATS_H
#define SPTEST_LIB_STATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct stats {
	int fd;
	size_t data_offset;
	size_t count, name_size;
	char *descriptors;
};

/* Of a VM or vCPU file descriptor. -errno: ENOTTY or EINVAL where the kernel has none. */
int stats_open(struct stats *stats, int kvm_fd);

/* The same for a file descriptor of KVM_GET_STATS_FD, which is closed with it or in case of an error. */
int stats_attach(struct stats *stats, int stats_fd);
void stats_close(struct stats *stats);

/* The first value of that name; false: this kernel does not count it. */
bool stats_get(const struct stats *stats, const char *name, uint64_t *value);

#endif
