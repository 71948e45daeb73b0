// SPDX-License-Identifier: GPL-2.0-only
#include "workload/collect.h"

#include <fcntl.h>
#include <glob.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/die.h"
#include "host/path.h"

struct group {
	char *stack, state, comm[32];	/* of the first */
	unsigned int count;
};

struct groups {
	struct group *all;
	size_t count;
};

/* "PID (COMM) STATE ...", proc(5); COMM may have brackets itself. */
static bool read_state(const char *task, char *state, char comm[32])
{
	char *path = xasprintf("%s/stat", task), *text = file_read(path, NULL);
	char *open = text ? strchr(text, '(') : NULL, *close = text ? strrchr(text, ')') : NULL;
	bool fine = open && close && close[1] && close[2];

	if (fine) {
		*state = close[2];
		snprintf(comm, 32, "%.*s", (int)(close - open - 1), open + 1);
	}
	free(text);
	free(path);
	return fine;
}

/* Takes stack over. */
static void add(struct groups *groups, char *stack, char state, const char *comm)
{
	struct group *group;

	for (size_t i = 0; i < groups->count; i++) {
		group = &groups->all[i];
		if (group->state == state && !strcmp(group->stack, stack)) {
			group->count++;
			free(stack);
			return;
		}
	}
	groups->all = xrealloc(groups->all, (groups->count + 1) * sizeof(*group));
	group = &groups->all[groups->count++];
	*group = (struct group){ .stack = stack, .state = state, .count = 1 };
	snprintf(group->comm, sizeof(group->comm), "%s", comm);
}

static void add_task(struct groups *groups, const char *task, pid_t pid)
{
	char state, comm[32], *path, *stack;

	if (strtol(task + strlen("/proc/"), NULL, 10) == getpid() || !read_state(task, &state, comm) ||
	    (state != 'D' && state != 'R' && strtol(task + strlen("/proc/"), NULL, 10) != pid))
		return;
	path = xasprintf("%s/stack", task);
	stack = file_read(path, NULL);
	if (stack)
		add(groups, stack, state, comm);
	free(path);
}

static void print_group(const struct group *group)
{
	char *rest = group->stack, *line;

	printf("# %u in state %c, like %s:\n", group->count, group->state, group->comm);
	while ((line = strsep(&rest, "\n")))
		if (*line)
			printf("#   %s\n", line);
}

/* Only the first letter of a write counts. */
void collect_kernel(void)
{
	static const char letters[] = "wtdm";
	int fd = open("/proc/sysrq-trigger", O_WRONLY | O_CLOEXEC);

	for (size_t i = 0; i < sizeof(letters) - 1; i++)
		if (fd < 0 || write(fd, &letters[i], 1) != 1)
			printf("# no SysRq %c\n", letters[i]);
	if (fd >= 0)
		close(fd);
}

void collect_stacks(pid_t pid)
{
	struct groups groups = { 0 };
	glob_t found;

	if (glob("/proc/[0-9]*/task/*", 0, NULL, &found))
		return;
	for (size_t i = 0; i < found.gl_pathc; i++)
		add_task(&groups, found.gl_pathv[i], pid);
	globfree(&found);
	for (size_t i = 0; i < groups.count; i++) {
		print_group(&groups.all[i]);
		free(groups.all[i].stack);
	}
	free(groups.all);
}
