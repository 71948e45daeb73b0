// SPDX-License-Identifier: GPL-2.0-only
/* What can be told of a guest that does not get on. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/die.h"
#include "host/path.h"
#include "host/qmp.h"
#include "workload/guest.h"
#include "workload/qemu-x86.h"

#define QMP_TIMEOUT_MS 20000
#define LOG_LINES_SIZE 3000

void guest_print_state(struct guest *guest)
{
	static const char *const lines[] = { "info registers", "info registers", "info lapic", "info irq" };
	struct qmp *qmp = guest->qmp < 0 ? NULL : qmp_open(guest->qmp, QMP_TIMEOUT_MS);
	const bool has_qmp = guest->qmp >= 0;
	bool answers = qmp;

	guest->qmp = -1;
	for (size_t i = 0; answers && i < sizeof(lines) / sizeof(lines[0]); i++) {
		char *text = qmp_human(qmp, lines[i], QMP_TIMEOUT_MS), *rest = text, *line;

		printf("# (qemu) %s%s\n", lines[i], text ? "" : ": no answer");
		while (text && (line = strsep(&rest, "\n")))
			if (*line && strncmp(line, "XMM", 3) && strncmp(line, "FPR", 3) && strncmp(line, "YMM", 3))
				printf("# | %.120s\n", line);
		answers = text;
		free(text);
	}
	if (qmp)
		qmp_close(qmp);
	else if (has_qmp)
		printf("# QEMU does not answer\n");
}

/* Takes path over. */
static void print_end_of(char *path)
{
	size_t size;
	char *text = file_read(path, &size), *rest, *line;

	rest = text && size > LOG_LINES_SIZE ? text + size - LOG_LINES_SIZE : text;
	while (text && (line = strsep(&rest, "\n")))
		if (*line)
			printf("# | %.200s\n", line);
	free(text);
	free(path);
}

void guest_print_log(const struct guest *guest)
{
	print_end_of(xasprintf(QEMU_LOG, guest->number));
	print_end_of(xasprintf(GUEST_LOG, guest->number));
}
