/* SPDX-License-Identifier: GPL-2.0-only */
/* The sub-commands: each a file cmd-NAME.c, each returning a STATUS_* of die.h. */
#ifndef SPTEST_CMD_H
#define SPTEST_CMD_H

int cmd_run(int argc, char **argv);
int cmd_list(int argc, char **argv);
int cmd_matrix(int argc, char **argv);
int cmd_shell(int argc, char **argv);
int cmd_compare(int argc, char **argv);
int cmd_report(int argc, char **argv);
int cmd_kernels(int argc, char **argv);
int cmd_results(int argc, char **argv);
int cmd_mutants(int argc, char **argv);
int cmd_bisect(int argc, char **argv);
int cmd_doctor(int argc, char **argv);
int cmd_spte(int argc, char **argv);
int cmd_trace(int argc, char **argv);
int cmd_workload(int argc, char **argv);
int cmd_deadlock(int argc, char **argv);

#endif
