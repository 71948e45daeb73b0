// SPDX-License-Identifier: GPL-2.0-only
#include "diagnosis.h"

#include <regex.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "deadlock-rules.h"
#include "die.h"
#include "klog.h"
#include "lock-wait.h"
#include "task-dump.h"
#include "wait-graph.h"

static bool is_shown(const struct dumped_task *task)
{
	return task->stack && (task->state == 'D' || task->state == 'R');
}

static bool is_equal(const struct dumped_task *a, const struct dumped_task *b)
{
	return is_shown(a) && is_shown(b) && a->state == b->state && a->guessed == b->guessed &&
	       !strcmp(a->stack, b->stack);
}

static size_t count_equal(const struct task_dump *dump, size_t of)
{
	size_t count = 0;

	for (size_t i = 0; i < dump->count; i++) {
		if (!is_equal(&dump->tasks[of], &dump->tasks[i]))
			continue;
		if (i < of)
			return 0;	/* shown with that one */
		count++;
	}
	return count;
}

static void print_group(FILE *out, const struct task_dump *dump, size_t first, size_t count)
{
	const struct dumped_task *task = &dump->tasks[first];
	struct lock_wait wait;
	const char *comma = "";

	fprintf(out, "%zu %s: ", count, task->state == 'D' ? "blocked" : "running or runnable");
	for (size_t i = first; i < dump->count; i++) {
		if (!is_equal(task, &dump->tasks[i]))
			continue;
		fprintf(out, "%s%s:%d", comma, dump->tasks[i].name, dump->tasks[i].pid);
		comma = ", ";
	}
	fprintf(out, "\n  %s%s\n", task->guessed ? "found on its stack: " : "", task->stack);
	if (lock_wait_of(task->stack, &wait) && wait.lock[0])
		fprintf(out, "  waits for: %s, %s\n", wait.lock, lock_how_text(wait.how));
	else if (wait.task)
		fprintf(out, "  waits for: %s to free memory\n", wait.task);
}

/* Most tasks first, those that wait before those that run. */
static void print_groups(FILE *out, const struct task_dump *dump, char state)
{
	for (size_t wanted = dump->count; wanted; wanted--)
		for (size_t i = 0; i < dump->count; i++)
			if (dump->tasks[i].state == state && count_equal(dump, i) == wanted)
				print_group(out, dump, i, wanted);
}

/* kernel/hung_task.c (6.16) names owners, lockdep what is held: as they say it. */
static void print_kernels_words(FILE *out, const char *log)
{
	static const char *const words[] = {
		"is blocked on a", "blocked on an rw-semaphore", "locks held by ", "lock held by ",
	};
	char *copy = xstrdup(log), *rest = copy, *line;
	bool titled = false, held = false;

	while ((line = strsep(&rest, "\n"))) {
		const char *message = klog_message(line);
		bool wanted = held && !strncmp(message, " #", 2);

		for (size_t i = 0; !wanted && i < sizeof(words) / sizeof(words[0]); i++)
			wanted = strstr(message, words[i]);
		held = wanted && (held || strstr(message, "held by "));
		if (!wanted)
			continue;
		fprintf(out, "%s  %s\n", titled ? "" : "\nWhat the kernel says of owners\n", message);
		titled = true;
	}
	free(copy);
}

static bool matches(const struct deadlock_rule *rule, const struct dumped_task *task)
{
	regex_t regex;
	bool found;

	if (!task->stack || !strchr(rule->states, task->state))
		return false;
	if (regcomp(&regex, rule->pattern, REG_EXTENDED | REG_NOSUB))
		die(STATUS_HARNESS, "rule %s: no extended regular expression", rule->pattern);
	found = !regexec(&regex, task->stack, 0, NULL, 0);
	regfree(&regex);
	return found;
}

static bool applies(const struct deadlock_rule *rule, const struct task_dump *dump, const struct wait_graph *graph)
{
	bool found = !rule->states;

	if (rule->cycle && !graph->cycle)
		return false;
	if (rule->lock && !wait_graph_ownerless(graph, rule->lock))
		return false;
	for (size_t i = 0; !found && i < dump->count; i++)
		found = matches(rule, &dump->tasks[i]);
	return found;
}

static void print_rules(FILE *out, const struct task_dump *dump, const struct wait_graph *graph)
{
	bool any = false;

	fprintf(out, "\nRules that this breaks\n");
	for (size_t i = 0; i < deadlock_rule_count; i++) {
		const char *text = deadlock_rules[i].text;

		if (!applies(&deadlock_rules[i], dump, graph))
			continue;
		any = true;
		fputs("  ", out);
		for (; *text; text++)
			fprintf(out, "%c%s", *text, *text == '\n' ? "  " : "");
		fputc('\n', out);
	}
	if (!any)
		fprintf(out, "  none that is known by these stacks\n");
}

static bool is_any_shown(const struct task_dump *dump)
{
	for (size_t i = 0; i < dump->count; i++)
		if (is_shown(&dump->tasks[i]))
			return true;
	return false;
}

char *diagnosis_page(const char *log)
{
	struct wait_graph graph;
	struct task_dump dump;
	char *text = NULL;
	size_t size;
	FILE *out;

	task_dump_read(&dump, log);
	if (!is_any_shown(&dump))
		goto out;
	out = open_memstream(&text, &size);
	if (!out)
		die(STATUS_HARNESS, "out of memory");
	wait_graph_make(&graph, &dump);
	fprintf(out, "Tasks by where they are, innermost function first\n");
	print_groups(out, &dump, 'D');
	print_groups(out, &dump, 'R');
	wait_graph_print(&graph, &dump, out);
	print_kernels_words(out, log);
	print_rules(out, &dump, &graph);
	fclose(out);
	wait_graph_free(&graph);
out:
	task_dump_free(&dump);
	return text;
}
