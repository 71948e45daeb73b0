/* SPDX-License-Identifier: GPL-2.0-only */
/* The tasks of a machine, from what its kernel answers to SysRq w and t. */
#ifndef SPTEST_TASK_DUMP_H
#define SPTEST_TASK_DUMP_H

#include <stdbool.h>
#include <stddef.h>

struct dumped_task {
	char name[32];
	int pid;
	char state;	/* 'D' waits and takes no signal, 'R' runs or could, 'S' sleeps, 'I' idles */
	char *stack;	/* "inner < outer < ...", without the scheduler's functions; NULL: none was shown */
	bool guessed;	/* it ran on another CPU: what lay on its stack, the kernel's "? function" */
};

struct task_dump {
	struct dumped_task *tasks;
	size_t count;
	bool all;	/* also tasks that just sleep: t was answered, not only w */
};

/*
 * Of several answers the first of each kind: later ones are of a machine on which tasks were killed meanwhile. A task of
 * both is as the later one has it. Who wrote the answer is left out. One that was cut is read as far as it goes.
 */
void task_dump_read(struct task_dump *dump, const char *log);
void task_dump_free(struct task_dump *dump);

/* Whether a function is in a stack. */
bool stack_has(const char *stack, const char *function);

#endif
