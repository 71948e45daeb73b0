/* SPDX-License-Identifier: GPL-2.0-only */
/* Parts of the init of the host machine; with --agent FD the same program serves `sptest run --here`. */
#ifndef SPTEST_INIT_H
#define SPTEST_INIT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "channel.h"

/* mounts.c: /proc, /sys, /dev and what hangs below them; PID 1 only. */
void mounts_set_up(void);

/*
 * clocksource.c: waits until the kernel has measured the TSC a second time. KVM remembers the rate of the
 * time when it is loaded; if that is more than 250 ppm below the rate of later, kvm_set_tsc_khz() fails and
 * the TSC of each guest stands at 0.
 */
void clocksource_settle(void);

/* modules.c: loads modules/order, with the parameters that the kernel command line has for them. */
void modules_load(void);

/* kernel.c: what the kernel says of itself. */
uint64_t kernel_taint(void);
void kernel_log(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void kernel_sysrq(const char *letters, size_t count);
void kernel_describe(struct channel_hello *hello);

/* port.c: the channel to the runner. A send that fails means that the runner is gone: it exits. */
int port_open(void);
void port_send(int port, enum channel_type type, const void *data, uint32_t length);
/* One whole message into buf (CHANNEL_MAX bytes); waits for it. */
void port_receive(int port, struct channel_header *header, void *buf);

/* job.c: the one thing that runs at a time, a test or a shell. */
struct job {
	pid_t pid;		/* also its process group; 0: none runs */
	char name[128];
	int fd;			/* its output: a pipe, or the master of its pty */
	bool pty, killed, ended;
	int status;		/* of waitpid(), once it ended */
	uint64_t started_ns, ended_ns;
	uint64_t taint_before;
};

int job_start(struct job *job, const struct channel_run *run, char *strings, size_t size);
int job_start_shell(struct job *job, const struct channel_window *window);
void job_resize(const struct job *job, const struct channel_window *window);
/* With stacks: first what everybody waits for goes into the kernel log, after the kill it is gone. */
void job_kill(struct job *job, bool stacks);
/*
 * Hands some of what it printed to the runner, not all, for it may never end. 1; 0: nothing more for
 * now; -1: the end of file.
 */
int job_forward(struct job *job, int port);

uint64_t clock_ns(void);
void write_file(const char *path, const char *text);

#endif
