/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The messages between the runner and the init of the host machine, on a virtio-serial port (or on
 * a socket pair with --here). Both sides include this header; there is no other description.
 * A message is a struct channel_header and `length` bytes. Little endian, as x86, arm64 and riscv are.
 */
#ifndef SPTEST_CHANNEL_H
#define SPTEST_CHANNEL_H

#include <stdint.h>

#define CHANNEL_PORT "sptest.channel"	/* name of the virtio-serial port */
#define CHANNEL_VERSION 1
#define CHANNEL_MAX 65536		/* longest payload */

enum channel_type {
	/* runner -> init */
	CHANNEL_PING = 1,	/* payload comes back as PONG */
	CHANNEL_RUN,		/* struct channel_run, then NUL-terminated strings: name, argv, env (NAME=value) */
	CHANNEL_KILL,		/* kill what runs, after sysrq-w, -t, -d and -m; EXIT follows */
	CHANNEL_SHELL,		/* a shell on a pty; struct channel_window; EXIT follows at its end */
	CHANNEL_INPUT,		/* bytes for the shell */
	CHANNEL_WINDOW,		/* struct channel_window */
	CHANNEL_SYSRQ,		/* letters for /proc/sysrq-trigger */
	CHANNEL_POWEROFF,

	/* init -> runner */
	CHANNEL_HELLO = 64,	/* struct channel_hello, once, when ready */
	CHANNEL_PONG,
	CHANNEL_BEAT,		/* while something runs, every CHANNEL_BEAT_MS */
	CHANNEL_OUTPUT,		/* bytes of what runs */
	CHANNEL_EXIT,		/* struct channel_exit */
};

#define CHANNEL_BEAT_MS 500

/* How long processes that a test left behind (its keeper above all) may take to finish. */
#define CHANNEL_LINGER_MS 20000

struct channel_header {
	uint32_t type;
	uint32_t length;
};

struct channel_run {
	uint32_t argc, envc;
};

struct channel_window {
	uint16_t rows, columns;
};

struct channel_hello {
	uint32_t version;
	uint32_t cpus;
	uint64_t memory_kib;
	uint64_t taint;
	char release[65];	/* utsname.release */
	char reserved[7];
};

struct channel_exit {
	int32_t status;		/* of waitpid() */
	uint32_t killed;	/* by CHANNEL_KILL */
	uint64_t taint_before, taint_after;
	uint64_t duration_ns;
};

#endif
