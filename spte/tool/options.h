/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SPTEST_SPTE_TOOL_OPTIONS_H
#define SPTEST_SPTE_TOOL_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Exit statuses. */
enum {
	STATUS_OK,
	STATUS_FOUND,		/* a violation, or totals that differ from KVM's */
	STATUS_USAGE,
	STATUS_CANNOT,		/* the tables cannot be read here */
};

struct options {
	bool all;
	pid_t pid;
	int fd;				/* which of several VMs; -1: the only one */
	bool dump, check, freeze, json, map;
	uint64_t first, last;		/* gfns, inclusive */
	double diff_s, watch_s;		/* 0: no */
	const char *svg;
	bool colour;
};

/* Ends the program for --help (0) and for what it does not know (STATUS_USAGE, one line). */
void options_parse(struct options *options, int argc, char **argv);

#endif
