/* SPDX-License-Identifier: GPL-2.0-only */
/* The text of trace_pipe becomes struct event. */
#ifndef SPTEST_LIB_EVENTS_PARSE_H
#define SPTEST_LIB_EVENTS_PARSE_H

#include "lib/events.h"

struct kernel_btf;

/* Learns the values of enum mmu_notifier_event. */
void events_parse_init(struct kernel_btf *btf);

/* "[LOST n EVENTS]" in the text fails the case. */
struct event_list events_parse(char *text);

#endif
