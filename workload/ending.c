// SPDX-License-Identifier: GPL-2.0-only
#include "workload/ending.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "host/die.h"
#include "host/klog.h"

#define PANIC "Kernel panic - not syncing"

/* "was killed by signal 9 (Killed)", "ended with status 1" */
static char *status_text(int status)
{
	if (WIFSIGNALED(status))
		return xasprintf("was killed by signal %d (%s)", WTERMSIG(status), strsignal(WTERMSIG(status)));
	return xasprintf("ended with status %d", WEXITSTATUS(status));
}

char *ending_of_agent(int status)
{
	char *end = status_text(status), *text = xasprintf("the guest's agent %s", end);

	free(end);
	return text;
}

/* The line of a panic without its time and newline (a serial port ends lines with a carriage return, too), or NULL. */
static char *find_panic(const char *guest_log)
{
	const char *found = guest_log ? strstr(guest_log, PANIC) : NULL, *line = found;

	if (!found)
		return NULL;
	while (line > guest_log && line[-1] != '\n')
		line--;
	line = klog_message(line);
	return xasprintf("%.*s", (int)strcspn(line, "\r\n"), line);
}

/* NULL: there is none that is not empty. */
static char *last_line(const char *text)
{
	size_t end = text ? strlen(text) : 0, start;

	while (end && (text[end - 1] == '\n' || text[end - 1] == '\r'))
		end--;
	for (start = end; start && text[start - 1] != '\n';)
		start--;
	return end ? xasprintf("%.*s", (int)(end - start), text + start) : NULL;
}

char *ending_of_qemu(int status, const char *guest_log, const char *qemu_log)
{
	char *panic = find_panic(guest_log), *end = status_text(status), *said = last_line(qemu_log), *text;

	if (panic)
		text = xasprintf("the guest's kernel panicked: %s", panic);
	else
		text = xasprintf("QEMU %s%s%s", end, said ? ": " : "", said ? said : "");
	free(said);
	free(end);
	free(panic);
	return text;
}

char *ending_of_domain(const char *said, const char *guest_log)
{
	char *panic = find_panic(guest_log), *text;

	text = panic ? xasprintf("the guest's kernel panicked: %s", panic) : xstrdup(said);
	free(panic);
	return text;
}
