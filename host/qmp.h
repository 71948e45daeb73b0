/* SPDX-License-Identifier: GPL-2.0-only */
/* QEMU's machine protocol on a connected socket. */
#ifndef SPTEST_QMP_H
#define SPTEST_QMP_H

#include <jansson.h>

struct qmp;

/* Takes fd over; says qmp_capabilities. NULL if QEMU does not answer within timeout_ms. */
struct qmp *qmp_open(int fd, unsigned int timeout_ms);
void qmp_close(struct qmp *qmp);

/*
 * Runs a command and waits for its answer; events on the way are dropped. arguments may be NULL and
 * are taken over. Returns "return" of the answer, the caller's to decref; NULL on an error answer,
 * a closed socket or no answer in time.
 */
json_t *qmp_execute(struct qmp *qmp, const char *command, json_t *arguments,
		    unsigned int timeout_ms);

/* A command of the human monitor: its text, the caller's to free, or NULL. */
char *qmp_human(struct qmp *qmp, const char *line, unsigned int timeout_ms);

#endif
