/* SPDX-License-Identifier: GPL-2.0-only */
/* Where a QEMU that somebody else starts finds the director: a socket in a folder of its own, for one visitor. */
#ifndef SPTEST_WORKLOAD_CHANNEL_SOCKET_H
#define SPTEST_WORKLOAD_CHANNEL_SOCKET_H

#include <sys/types.h>

struct channel_socket {
	char folder[24], path[40];	/* short: sun_path has room for 108 bytes */
	int fd;
};

/* -errno; channel_socket_close() clears up either way. */
int channel_socket_open(struct channel_socket *channel);
void channel_socket_close(struct channel_socket *channel);

/* Who came: a descriptor, and its process; -errno, -EAGAIN: nobody did. */
int channel_socket_accept(const struct channel_socket *channel, pid_t *pid);

#endif
