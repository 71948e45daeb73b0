// SPDX-License-Identifier: GPL-2.0-only
#include "workload/libvirt/channel-socket.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int channel_socket_open(struct channel_socket *channel)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	*channel = (struct channel_socket){ .folder = "/tmp/sptest-XXXXXX", .fd = -1 };
	if (!mkdtemp(channel->folder)) {
		channel->folder[0] = '\0';
		return -errno;
	}
	snprintf(channel->path, sizeof(channel->path), "%s/channel", channel->folder);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", channel->path);
	channel->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (channel->fd < 0 || bind(channel->fd, (struct sockaddr *)&address, sizeof(address)) ||
	    listen(channel->fd, 1))
		return -errno;
	return 0;
}

void channel_socket_close(struct channel_socket *channel)
{
	if (channel->fd >= 0)
		close(channel->fd);
	channel->fd = -1;
	if (!channel->folder[0])
		return;
	unlink(channel->path);
	rmdir(channel->folder);
	channel->folder[0] = '\0';
}

/* The credentials are those of connect(), whoever made the socket. */
int channel_socket_accept(const struct channel_socket *channel, pid_t *pid)
{
	struct ucred peer;
	socklen_t size = sizeof(peer);
	int fd = accept4(channel->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0)
		return -errno;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size)) {
		int err = -errno;

		close(fd);
		return err;
	}
	*pid = peer.pid;
	return fd;
}
