// SPDX-License-Identifier: GPL-2.0-only
#include "console.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "die.h"
#include "splat.h"

void console_open(struct console *console, int fd, const char *log, bool kmsg)
{
	fcntl(fd, F_SETFL, O_NONBLOCK);
	*console = (struct console){ .fd = fd, .kmsg = kmsg };
	console->log = fopen(log, "ae");
	if (!console->log)
		die(STATUS_HARNESS, "%s: %s", log, strerror(errno));
	setvbuf(console->log, NULL, _IOLBF, 0);
	console_expect(console);
}

void console_close(struct console *console)
{
	if (console->fd >= 0)
		close(console->fd);
	if (console->log)
		fclose(console->log);
	free(console->slice);
	free(console->panic);
	free(console->remark);
	*console = (struct console){ .fd = -1 };
}

void console_expect(struct console *console)
{
	console->begun = console->ended = false;
	console->oops_ms = 0;
}

void console_judged(struct console *console)
{
	console->between = true;
	console->slice_size = 0;
	if (console->slice)
		console->slice[0] = '\0';
}

static void slice_add(struct console *console, const char *line)
{
	size_t size = strlen(line);

	if (console->slice_size + size + 2 > console->slice_room) {
		console->slice_room = 2 * console->slice_room + size + 4096;
		console->slice = xrealloc(console->slice, console->slice_room);
	}
	memcpy(console->slice + console->slice_size, line, size);
	console->slice_size += size;
	console->slice[console->slice_size++] = '\n';
	console->slice[console->slice_size] = '\0';
}

/* "[    1.234567] sptest: begin NAME": a line of init's, not one that a test printed. */
static bool is_marker(const char *line, const char *word)
{
	const char *at = strstr(line, "sptest: ");

	if (!at || strncmp(at + 8, word, strlen(word)))
		return false;
	return at == line || at[-1] == ' ';
}

static void take_line(struct console *console, const char *line)
{
	fprintf(console->log, "%s\n", line);
	if (!console->panic && splat_is_panic(line))
		console->panic = xstrdup(line);
	if (!console->oops_ms && splat_is_oops(line))
		console->oops_ms = clock_ms();
	if (is_marker(line, "")) {
		free(console->remark);
		console->remark = xstrdup(line);
	}
	if (is_marker(line, "begin "))
		console->begun = true;
	if (console->begun || console->between)
		slice_add(console, line);
	if (console->begun && is_marker(line, "end "))
		console->ended = true;
}

static void end_line(struct console *console)
{
	console->line[console->used] = '\0';
	take_line(console, console->line);
	console->used = 0;
}

static void take_bytes(struct console *console, const char *data, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (data[i] == '\n' || console->used == sizeof(console->line) - 1)
			end_line(console);
		if (data[i] != '\n' && data[i] != '\r')
			console->line[console->used++] = data[i];
	}
}

/* "priority,sequence,microseconds,flags;text\n KEY=value..." (Documentation/ABI/testing/dev-kmsg) */
static void take_record(struct console *console, char *record)
{
	unsigned long long usec = 0;
	char *text = strchr(record, ';');

	if (!text)
		return;
	sscanf(record, "%*u,%*u,%llu", &usec);
	text[1 + strcspn(text + 1, "\n")] = '\0';
	console->used = snprintf(console->line, sizeof(console->line), "[%5llu.%06llu] %s",
				 usec / 1000000, usec % 1000000, text + 1);
	if (console->used >= sizeof(console->line))
		console->used = sizeof(console->line) - 1;
	end_line(console);
}

bool console_read(struct console *console)
{
	char buf[16384];
	ssize_t n;

	for (;;) {
		n = read(console->fd, buf, sizeof(buf) - 1);
		if (n < 0 && errno == EPIPE && console->kmsg)
			continue;	/* the ring buffer overtook us */
		if (n <= 0)
			break;
		buf[n] = '\0';
		if (console->kmsg)
			take_record(console, buf);
		else
			take_bytes(console, buf, n);
	}
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return true;
	if (console->used)
		end_line(console);
	return false;
}
