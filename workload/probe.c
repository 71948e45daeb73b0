// SPDX-License-Identifier: GPL-2.0-only
#include "workload/probe.h"

#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "host/die.h"
#include "host/path.h"
#include "workload/settings.h"

#define TRACEFS "/sys/kernel/tracing"
#define EVENTS TRACEFS "/kprobe_events"
#define GROUP "sptest"
#define BUFFER_KIB "16"		/* what is overwritten counts as well */

const char *probe_missing(void)
{
	if (!path_exists(EVENTS))
		mount("tracefs", TRACEFS, "tracefs", 0, NULL);
	if (!path_exists(EVENTS))
		return EVENTS;
	return path_exists("/sys/kernel/btf/vmlinux") ? NULL : "/sys/kernel/btf/vmlinux";
}

/* Takes path over. */
static bool set(char *path, const char *text)
{
	bool fine = setting_write(path, text);

	free(path);
	return fine;
}

static bool make_instance(const char *name)
{
	char *path = xasprintf(TRACEFS "/instances/%s", name);
	int err = mkdir(path, 0700) ? -errno : 0;

	if (err)
		printf("# %s: %s\n", path, strerror(-err));
	free(path);
	return !err && set(xasprintf(TRACEFS "/instances/%s/buffer_size_kb", name), BUFFER_KIB);
}

bool probe_start(struct probe *probe, const char *name, const char *definition, const char *filter)
{
	char *line = xasprintf("p:" GROUP "/%s %s\n", name, definition);
	char *event = xasprintf(TRACEFS "/instances/%s/events/" GROUP "/%s", name, name);
	bool fine;

	fine = setting_write(EVENTS, line) && make_instance(name) && set(xasprintf("%s/filter", event), filter) &&
	       set(xasprintf("%s/enable", event), "1");
	snprintf(probe->name, sizeof(probe->name), "%s", fine ? name : "");
	free(event);
	free(line);
	return fine;
}

static unsigned long number_after(const char *text, const char *word)
{
	const char *found = strstr(text, word);

	return found ? strtoul(found + strlen(word), NULL, 10) : 0;
}

unsigned long probe_count(const struct probe *probe)
{
	char *pattern = xasprintf(TRACEFS "/instances/%s/per_cpu/cpu*/stats", probe->name);
	unsigned long count = 0;
	glob_t found;

	if (*probe->name && !glob(pattern, 0, NULL, &found)) {
		for (size_t i = 0; i < found.gl_pathc; i++) {
			char *text = file_read(found.gl_pathv[i], NULL);

			count += text ? number_after(text, "entries: ") + number_after(text, "overrun: ") : 0;
			free(text);
		}
		globfree(&found);
	}
	free(pattern);
	return count;
}
