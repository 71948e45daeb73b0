/* SPDX-License-Identifier: GPL-2.0-only */
/* A tracefs instance of the test's own, and probes that go with it at the end. */
#ifndef SPTEST_LIB_TRACEFS_H
#define SPTEST_LIB_TRACEFS_H

#include <stdbool.h>
#include <stddef.h>

/* Makes the instance; mounts tracefs if nobody did. -errno. */
int tracefs_open(void);

/*
 * A kprobe event NAME in this test's group, by the text after "p:GROUP/NAME ", and the same at a
 * return. Several of one name are one event. -errno.
 */
int tracefs_add_kprobe(const char *name, const char *definition);
int tracefs_add_kretprobe(const char *name, const char *definition);

/*
 * Switches an event of the instance on: "kvm/kvm_age_hva", or the name alone of an own kprobe.
 * -ENOENT: this kernel has none of that name.
 */
int tracefs_enable(const char *event, bool on);

/* Of an own kprobe: only those events are recorded (Documentation/trace/events.rst). -errno. */
int tracefs_filter(const char *event, const char *filter);

/* Room for events that nobody read yet, for each CPU. -errno. */
int tracefs_set_buffer(unsigned int kib);

/* Has the tracepoint recorded from each event `on` to the next `off`, which are own kprobes. */
int tracefs_switch(const char *tracepoint, const char *on, const char *off);

/* What was recorded, as text, consumed by reading. What others recorded before is dropped. */
int tracefs_pipe_open(void);					/* fd or -errno */
int tracefs_pipe_resume(void);					/* the same, but keeps what is there */
char *tracefs_pipe_read(int fd);				/* NUL-terminated, the caller's to free */

#endif
