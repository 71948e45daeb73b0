// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <stdnoreturn.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/balance.h"
#include "lib/check.h"
#include "lib/events.h"
#include "lib/events-parse.h"
#include "lib/keeper.h"
#include "lib/timeline.h"
#include "lib/tracefs.h"
#include "trace/follow.h"
#include "trace/options.h"
#include "trace/tally.h"

#define READ_EVERY_MS 20
#define NOT_FOUND 127	/* as a shell says it */

struct trace {
	FILE *out;
	int pipe;
	uint64_t zero;
	struct follow follow;
	struct balance balance;
	struct tally tally;
};

static noreturn void __attribute__((format(printf, 1, 2))) cannot(const char *fmt, ...)
{
	va_list ap;

	fputs("sptest trace: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	keeper_stop();
	exit(STATUS_CANNOT);
}

static uint64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000ULL + t.tv_nsec / 1000;
}

static void open_events(struct trace *trace, bool sptes)
{
	if (geteuid())
		cannot("needs root: kprobes and tracefs are root's");
	check_init();
	check_quiet(true);
	keeper_start();
	if (!events_open(EVENTS_RANGE | EVENTS_AGE | EVENTS_LIFE | EVENTS_FORK |
			 (sptes ? EVENTS_SPTE : 0)))
		cannot("this kernel cannot be traced: %s", events_missing());
	if (!events_have(EVENT_REGISTER) || !events_have(EVENT_FORK))
		cannot("this kernel cannot be traced: no events for mmu_notifier_register and fork");
	trace->pipe = tracefs_pipe_open();
	if (trace->pipe < 0)
		cannot("trace_pipe: %s", strerror(-trace->pipe));
}

/* Starts COMMAND as soon as go[1] is closed: what happens before is not its doing. */
static pid_t start_command(char **command, const int go[2])
{
	pid_t pid = fork();
	char byte;

	if (pid)
		return pid;
	close(go[1]);
	while (read(go[0], &byte, 1) < 0 && errno == EINTR)
		;
	signal(SIGINT, SIG_DFL);
	signal(SIGQUIT, SIG_DFL);
	execvp(command[0], command);
	fprintf(stderr, "sptest trace: %s: %s\n", command[0], strerror(errno));
	_exit(NOT_FOUND);
}

static void show(struct trace *trace, const struct event_list *list)
{
	char line[TIMELINE_LINE], why[320];
	size_t i, told;

	for (i = 0; i < list->count; i += told) {
		told = timeline_line(&list->event[i], list->count - i, trace->zero, line);
		fprintf(trace->out, "%s\n", line);
	}
	for (i = 0; i < list->count; i++) {
		tally_event(&trace->tally, &list->event[i]);
		if (!balance_event(&trace->balance, &list->event[i], why, sizeof(why)))
			fprintf(trace->out, "!! %s\n", why);
	}
}

static void take_events(struct trace *trace)
{
	char *text = tracefs_pipe_read(trace->pipe);
	struct event_list list;
	size_t i, kept = 0;

	if (!text)
		cannot("no memory for the events");
	list = events_parse(text);
	free(text);
	for (i = 0; i < list.count; i++)
		if (follow_event(&trace->follow, &list.event[i]))
			list.event[kept++] = list.event[i];
	list.count = kept;
	show(trace, &list);
	events_free(&list);
}

static int follow_command(struct trace *trace, pid_t pid)
{
	int status;

	while (!waitpid(pid, &status, WNOHANG)) {
		take_events(trace);
		poll(NULL, 0, READ_EVERY_MS);
	}
	take_events(trace);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void conclude(struct trace *trace)
{
	const struct event *open = balance_unended(&trace->balance);

	if (!trace->follow.mm_count)
		fputs("no process of it registered an MMU notifier: it made no VM\n", trace->out);
	tally_print(&trace->tally, trace->out);
	if (open)
		fprintf(trace->out, "!! invalidation of %#lx-%#lx by %s was started and not ended\n",
			open->start, open->end, open->caller);
	if (check_failed())
		fprintf(trace->out, "!! %s\n", check_first_failure());
}

int main(int argc, char **argv)
{
	struct trace trace = { .out = stderr };
	struct options options;
	int go[2], status;
	pid_t pid;

	options_parse(&options, argc, argv);
	open_events(&trace, options.sptes);
	if (options.out && !(trace.out = fopen(options.out, "we")))
		cannot("%s: %s", options.out, strerror(errno));
	/* The terminal's signals are for COMMAND; it ends, then this does. */
	signal(SIGINT, SIG_IGN);
	signal(SIGQUIT, SIG_IGN);
	if (pipe2(go, O_CLOEXEC))
		cannot("no pipe: %s", strerror(errno));
	pid = start_command(options.command, go);
	if (pid < 0 || !follow_task(&trace.follow, pid))
		cannot("no process for %s: %s", options.command[0], strerror(errno));
	close(go[0]);
	trace.zero = now_us();
	close(go[1]);
	status = follow_command(&trace, pid);
	conclude(&trace);
	close(trace.pipe);
	if (trace.out != stderr && fclose(trace.out))
		cannot("%s: %s", options.out, strerror(errno));
	tally_release(&trace.tally);
	follow_release(&trace.follow);
	keeper_stop();
	return status;
}
