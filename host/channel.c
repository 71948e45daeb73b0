// SPDX-License-Identifier: GPL-2.0-only
#include "channel.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "die.h"

#define ROOM (sizeof(struct channel_header) + CHANNEL_MAX)
#define SEND_TIMEOUT_MS 5000

void channel_open(struct channel *channel, int fd)
{
	fcntl(fd, F_SETFL, O_NONBLOCK);
	/* Payloads are handed out aligned and NUL-terminated: one byte more than a message. */
	*channel = (struct channel){ .fd = fd, .buf = xrealloc(NULL, 2 * ROOM + 1) };
}

void channel_close(struct channel *channel)
{
	if (!channel->buf)
		return;
	close(channel->fd);
	free(channel->buf);
	*channel = (struct channel){ .fd = -1 };
}

/* The message is moved to the upper half of the buffer, so that the lower half can fill again. */
static int take(struct channel *channel, struct channel_message *message)
{
	struct channel_header header;
	char *data = channel->buf + ROOM;
	size_t size;

	if (channel->used < sizeof(header))
		return 0;
	memcpy(&header, channel->buf, sizeof(header));
	if (header.length > CHANNEL_MAX)
		return -EPROTO;
	size = sizeof(header) + header.length;
	if (channel->used < size)
		return 0;
	memcpy(data, channel->buf + sizeof(header), header.length);
	data[header.length] = '\0';
	channel->used -= size;
	memmove(channel->buf, channel->buf + size, channel->used);
	*message = (struct channel_message){
		.type = header.type, .data = data, .size = header.length,
	};
	return 1;
}

int channel_receive(struct channel *channel, struct channel_message *message)
{
	for (;;) {
		int got = take(channel, message);
		ssize_t n;

		if (got)
			return got;
		n = recv(channel->fd, channel->buf + channel->used, ROOM - channel->used, 0);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return 0;
		if (n <= 0)
			return -EPIPE;
		channel->used += n;
	}
}

static int send_all(int fd, const char *data, size_t size)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };

	while (size) {
		ssize_t n = send(fd, data, size, MSG_NOSIGNAL);

		if (n > 0) {
			data += n;
			size -= n;
		} else if (errno == EAGAIN) {
			if (poll(&p, 1, SEND_TIMEOUT_MS) == 0)
				return -ETIMEDOUT;
		} else if (errno != EINTR) {
			return -EPIPE;
		}
	}
	return 0;
}

int channel_send(struct channel *channel, enum channel_type type, const void *data, size_t size)
{
	struct channel_header header = { .type = type, .length = size };
	int err = send_all(channel->fd, (const char *)&header, sizeof(header));

	return err ? err : send_all(channel->fd, data, size);
}

static size_t add_strings(char *buf, size_t used, const char *const strings[], uint32_t *count)
{
	for (*count = 0; strings[*count]; (*count)++) {
		size_t size = strlen(strings[*count]) + 1;

		if (used + size > CHANNEL_MAX)
			die(STATUS_USAGE, "a test's command line and environment are over %d bytes: "
			    "shorten them", CHANNEL_MAX);
		memcpy(buf + used, strings[*count], size);
		used += size;
	}
	return used;
}

int channel_send_run(struct channel *channel, const char *name, const char *const argv[],
		     const char *const env[])
{
	const char *const names[] = { name, NULL };
	struct channel_run run;
	char *buf = xrealloc(NULL, CHANNEL_MAX);
	size_t used = sizeof(run);
	uint32_t one;
	int err;

	used = add_strings(buf, used, names, &one);
	used = add_strings(buf, used, argv, &run.argc);
	used = add_strings(buf, used, env, &run.envc);
	memcpy(buf, &run, sizeof(run));
	err = channel_send(channel, CHANNEL_RUN, buf, used);
	free(buf);
	return err;
}
