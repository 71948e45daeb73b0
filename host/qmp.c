// SPDX-License-Identifier: GPL-2.0-only
#include "qmp.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "die.h"

struct qmp {
	int fd;
	char *buf;
	size_t used, room;
};

/* The next line of JSON, or NULL. */
static json_t *take_line(struct qmp *qmp)
{
	char *end = memchr(qmp->buf, '\n', qmp->used);
	json_t *message;
	size_t size;

	if (!end)
		return NULL;
	size = end - qmp->buf + 1;
	message = json_loadb(qmp->buf, size, 0, NULL);
	qmp->used -= size;
	memmove(qmp->buf, qmp->buf + size, qmp->used);
	return message;
}

static json_t *receive(struct qmp *qmp, uint64_t deadline)
{
	struct pollfd p = { .fd = qmp->fd, .events = POLLIN };
	json_t *message;

	while (!(message = take_line(qmp))) {
		uint64_t now = clock_ms();
		ssize_t n;

		if (now >= deadline || poll(&p, 1, deadline - now) == 0)
			return NULL;
		if (qmp->room - qmp->used < 4096)
			qmp->buf = xrealloc(qmp->buf, qmp->room += 65536);
		n = recv(qmp->fd, qmp->buf + qmp->used, qmp->room - qmp->used, MSG_DONTWAIT);
		if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
			return NULL;
		qmp->used += n > 0 ? n : 0;
	}
	return message;
}

struct qmp *qmp_open(int fd, unsigned int timeout_ms)
{
	struct qmp *qmp = xzalloc(sizeof(*qmp));
	json_t *answer;

	qmp->fd = fd;
	qmp->buf = xrealloc(NULL, qmp->room = 65536);
	answer = qmp_execute(qmp, "qmp_capabilities", NULL, timeout_ms);
	if (!answer) {
		qmp_close(qmp);
		return NULL;
	}
	json_decref(answer);
	return qmp;
}

void qmp_close(struct qmp *qmp)
{
	if (!qmp)
		return;
	close(qmp->fd);
	free(qmp->buf);
	free(qmp);
}

static int send_command(struct qmp *qmp, const char *command, json_t *arguments)
{
	json_t *message = json_pack("{s:s, s:o*}", "execute", command, "arguments", arguments);
	char *text = json_dumps(message, JSON_COMPACT);
	size_t size = strlen(text);
	ssize_t n = send(qmp->fd, text, size, MSG_NOSIGNAL);

	json_decref(message);
	free(text);
	return n == (ssize_t)size ? 0 : -EPIPE;
}

static const char *error_text(const json_t *message)
{
	const char *text = json_string_value(json_object_get(json_object_get(message, "error"), "desc"));

	return text ? text : "an error without a word";
}

json_t *qmp_execute(struct qmp *qmp, const char *command, json_t *arguments,
		    unsigned int timeout_ms)
{
	uint64_t deadline = clock_ms() + timeout_ms;
	json_t *message, *result = NULL;

	if (send_command(qmp, command, arguments))
		return NULL;
	while ((message = receive(qmp, deadline))) {
		bool error = json_object_get(message, "error") != NULL;

		result = json_incref(json_object_get(message, "return"));
		if (error)
			warn("QEMU, asked to %s: %s", command, error_text(message));
		json_decref(message);
		if (result || error)
			break;
	}
	return result;
}

char *qmp_human(struct qmp *qmp, const char *line, unsigned int timeout_ms)
{
	json_t *arguments = json_pack("{s:s}", "command-line", line);
	json_t *answer = qmp_execute(qmp, "human-monitor-command", arguments, timeout_ms);
	char *text = json_is_string(answer) ? xstrdup(json_string_value(answer)) : NULL;

	json_decref(answer);
	return text;
}
