// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <linux/kvm.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "lib/stats.h"

int stats_attach(struct stats *stats, int stats_fd)
{
	struct kvm_stats_header header;
	size_t size;
	int err = -EIO;

	memset(stats, 0, sizeof(*stats));
	stats->fd = stats_fd;
	if (pread(stats->fd, &header, sizeof(header), 0) != sizeof(header))
		goto close;
	stats->name_size = header.name_size;
	stats->count = header.num_desc;
	stats->data_offset = header.data_offset;
	size = stats->count * (sizeof(struct kvm_stats_desc) + stats->name_size);
	stats->descriptors = malloc(size);
	if (!stats->descriptors)
		goto close;
	if (pread(stats->fd, stats->descriptors, size, header.desc_offset) == (ssize_t)size)
		return 0;
	free(stats->descriptors);
	stats->descriptors = NULL;
close:
	close(stats->fd);
	stats->fd = -1;
	return err;
}

int stats_open(struct stats *stats, int kvm_fd)
{
	int fd = ioctl(kvm_fd, KVM_GET_STATS_FD, NULL);

	memset(stats, 0, sizeof(*stats));
	stats->fd = -1;
	return fd < 0 ? -errno : stats_attach(stats, fd);
}

void stats_close(struct stats *stats)
{
	if (!stats->descriptors)
		return;
	free(stats->descriptors);
	stats->descriptors = NULL;
	close(stats->fd);
}

bool stats_get(const struct stats *stats, const char *name, uint64_t *value)
{
	const struct kvm_stats_desc *d;
	size_t i;

	if (!stats->descriptors)
		return false;
	for (i = 0; i < stats->count; i++) {
		d = (void *)(stats->descriptors + i * (sizeof(*d) + stats->name_size));
		if (strncmp(d->name, name, stats->name_size))
			continue;
		return pread(stats->fd, value, sizeof(*value), stats->data_offset + d->offset) ==
		       sizeof(*value);
	}
	return false;
}
