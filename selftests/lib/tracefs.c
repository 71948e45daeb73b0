// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/keeper.h"
#include "lib/sysfile.h"
#include "lib/tracefs.h"

#define TRACEFS "/sys/kernel/tracing"
#define BUFFER_KIB 1024	/* for each CPU: some ten thousand events */
#define BUSY_TRIES 1000
#define BUSY_PAUSE_US 10000

static char instance[64], group[32];

static int mount_tracefs(void)
{
	if (sysfile_exists(TRACEFS "/instances"))
		return 0;
	if (mount("tracefs", TRACEFS, "tracefs", 0, NULL))
		return -errno;
	keeper_add(UNDO_UMOUNT, TRACEFS, NULL);
	return sysfile_exists(TRACEFS "/instances") ? 0 : -ENOENT;
}

int tracefs_open(void)
{
	int err;

	err = mount_tracefs();
	if (err)
		return err;
	snprintf(group, sizeof(group), "sptest_%d", getpid());
	snprintf(instance, sizeof(instance), TRACEFS "/instances/%s", group);
	return 0;
}

int tracefs_set_buffer(unsigned int kib)
{
	char path[128], text[16];

	snprintf(path, sizeof(path), "%s/buffer_size_kb", instance);
	snprintf(text, sizeof(text), "%u", kib);
	return sysfile_write(path, text);
}

/* After the probes, so that the keeper removes it first: a probe in use cannot be removed. */
static int make_instance(void)
{
	char path[128];

	if (sysfile_exists(instance))
		return 0;
	keeper_add(UNDO_RMDIR, instance, NULL);
	if (mkdir(instance, 0700))
		return -errno;
	/* Command names would switch on two tracepoints of the scheduler for the whole machine. */
	snprintf(path, sizeof(path), "%s/trace_options", instance);
	sysfile_write(path, "norecord-cmd");
	/* One clock for all CPUs, and one that programs can read. */
	snprintf(path, sizeof(path), "%s/trace_clock", instance);
	sysfile_write(path, "mono");
	return tracefs_set_buffer(BUFFER_KIB);
}

static int add_probe(char type, const char *name, const char *definition)
{
	char text[512];

	snprintf(text, sizeof(text), "-:%s/%s\n", group, name);
	keeper_add(UNDO_APPEND, TRACEFS "/kprobe_events", text);
	snprintf(text, sizeof(text), "%c:%s/%s %s\n", type, group, name, definition);
	return sysfile_append(TRACEFS "/kprobe_events", text);
}

int tracefs_add_kprobe(const char *name, const char *definition)
{
	return add_probe('p', name, definition);
}

int tracefs_add_kretprobe(const char *name, const char *definition)
{
	return add_probe('r', name, definition);
}

static void enable_path(char *path, size_t size, const char *event)
{
	bool own = !strchr(event, '/');

	snprintf(path, size, "%s/events/%s%s%s/enable", instance, own ? group : "", own ? "/" : "",
		 event);
}

int tracefs_enable(const char *event, bool on)
{
	char path[192];
	int err;

	err = make_instance();
	if (err)
		return err;
	enable_path(path, sizeof(path), event);
	return sysfile_write(path, on ? "1" : "0");
}

int tracefs_filter(const char *event, const char *filter)
{
	char path[192];
	int err;

	err = make_instance();
	if (err)
		return err;
	snprintf(path, sizeof(path), "%s/events/%s/%s/filter", instance, group, event);
	return sysfile_write(path, filter);
}

static int add_trigger(const char *event, const char *trigger)
{
	char path[192];

	snprintf(path, sizeof(path), "%s/events/%s/%s/trigger", instance, group, event);
	return sysfile_append(path, trigger);
}

int tracefs_switch(const char *tracepoint, const char *on, const char *off)
{
	const char *slash = strchr(tracepoint, '/');
	char name[96], text[128];
	int err;

	if (!slash)
		return -EINVAL;
	snprintf(name, sizeof(name), "%.*s:%s", (int)(slash - tracepoint), tracepoint, slash + 1);
	snprintf(text, sizeof(text), "enable_event:%s", name);
	err = add_trigger(on, text);
	if (err)
		return err;
	snprintf(text, sizeof(text), "disable_event:%s", name);
	return add_trigger(off, text);
}

/* One reader at a time: a child of a case that is just being killed may still have it. */
int tracefs_pipe_resume(void)
{
	char path[128];
	int fd, tries = 0;

	snprintf(path, sizeof(path), "%s/trace_pipe", instance);
	do {
		if (tries)
			usleep(BUSY_PAUSE_US);
		fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	} while (fd < 0 && errno == EBUSY && tries++ < BUSY_TRIES);
	return fd < 0 ? -errno : fd;
}

int tracefs_pipe_open(void)
{
	int fd = tracefs_pipe_resume();

	if (fd >= 0)
		free(tracefs_pipe_read(fd));
	return fd;
}

char *tracefs_pipe_read(int fd)
{
	size_t used = 0, room = 65536;
	char *text, *grown;
	ssize_t n;

	text = malloc(room);
	while (text) {
		n = read(fd, text + used, room - used - 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		used += n;
		if (room - used > 8192)
			continue;
		room *= 2;
		grown = realloc(text, room);
		if (!grown)
			free(text);
		text = grown;
	}
	if (text)
		text[used] = '\0';
	return text;
}
