/* SPDX-License-Identifier: GPL-2.0-only */
/* The runner's end of the channel to the init of the host machine (guest-image/channel.h). */
#ifndef SPTEST_HOST_CHANNEL_H
#define SPTEST_HOST_CHANNEL_H

#include <stddef.h>

#include "guest-image/channel.h"

struct channel {
	int fd;			/* non-blocking */
	char *buf;
	size_t used;
};

struct channel_message {
	enum channel_type type;
	const char *data;	/* NUL-terminated, valid until the next call; aligned for any struct */
	size_t size;
};

/* Takes fd over. */
void channel_open(struct channel *channel, int fd);
void channel_close(struct channel *channel);

/* 1: a message; 0: none yet; -EPIPE: the other end is gone; -EPROTO: it talks nonsense. */
int channel_receive(struct channel *channel, struct channel_message *message);

/* Sends the whole message; -ETIMEDOUT if the other end takes none of it for 5 s. */
int channel_send(struct channel *channel, enum channel_type type, const void *data, size_t size);

/* A CHANNEL_RUN: what runs under which name, NULL-terminated lists. */
int channel_send_run(struct channel *channel, const char *name, const char *const argv[],
		     const char *const env[]);

#endif
