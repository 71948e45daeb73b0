// SPDX-License-Identifier: GPL-2.0-only
#include "wait-graph.h"

#include <stdlib.h>
#include <string.h>

#include "die.h"

/* Who may hold what task i waits for: one that is named, or else is where that lock is held. */
static size_t holder_of(const struct task_dump *dump, const struct lock_wait *wait, size_t waiter)
{
	for (size_t i = 0; i < dump->count; i++) {
		const struct dumped_task *task = &dump->tasks[i];

		if (i == waiter)
			continue;
		if (wait->task ? !strncmp(task->name, wait->task, strlen(wait->task)) :
				 lock_may_be_held(task->stack, wait->lock))
			return i;
	}
	return WAITS_FOR_NOBODY;
}

static bool is_on_a_cycle(const struct wait_graph *graph, size_t start)
{
	size_t at = graph->edges[start].next;

	for (size_t steps = 0; at != WAITS_FOR_NOBODY && steps < graph->count; steps++) {
		if (at == start)
			return true;
		at = graph->edges[at].next;
	}
	return false;
}

void wait_graph_make(struct wait_graph *graph, const struct task_dump *dump)
{
	*graph = (struct wait_graph){
		.edges = xzalloc((dump->count + 1) * sizeof(*graph->edges)),
		.count = dump->count, .all = dump->all,
	};
	for (size_t i = 0; i < dump->count; i++) {
		struct wait_edge *edge = &graph->edges[i];

		edge->next = WAITS_FOR_NOBODY;
		edge->waits = dump->tasks[i].state == 'D' && lock_wait_of(dump->tasks[i].stack, &edge->wait);
		if (edge->waits)
			edge->next = holder_of(dump, &edge->wait, i);
	}
	for (size_t i = 0; i < graph->count; i++)
		graph->cycle |= is_on_a_cycle(graph, i);
}

void wait_graph_free(struct wait_graph *graph)
{
	free(graph->edges);
	*graph = (struct wait_graph){ 0 };
}

static bool is_ownerless(const struct wait_graph *graph, size_t i)
{
	const struct wait_edge *edge = &graph->edges[i];

	return graph->all && edge->waits && edge->wait.lock[0] && edge->next == WAITS_FOR_NOBODY &&
	       lock_is_known(edge->wait.lock);
}

bool wait_graph_ownerless(const struct wait_graph *graph, const char *lock)
{
	for (size_t i = 0; i < graph->count; i++)
		if (is_ownerless(graph, i) && (!*lock || !strcmp(graph->edges[i].wait.lock, lock)))
			return true;
	return false;
}

static void print_wait(FILE *out, const struct lock_wait *wait)
{
	if (wait->lock[0])
		fprintf(out, " waits for %s, %s", wait->lock, lock_how_text(wait->how));
	else
		fprintf(out, " waits for %s", wait->task);
}

/* As far as it goes, or once round the circle. */
static void print_chain(FILE *out, const struct wait_graph *graph, const struct task_dump *dump, size_t start)
{
	size_t at = start, last = start;

	fprintf(out, "  %s:%d", dump->tasks[at].name, dump->tasks[at].pid);
	for (size_t steps = 0; graph->edges[at].waits && steps < graph->count; steps++) {
		print_wait(out, &graph->edges[at].wait);
		last = at;
		at = graph->edges[at].next;
		if (at == WAITS_FOR_NOBODY)
			break;
		fprintf(out, ": %s:%d", dump->tasks[at].name, dump->tasks[at].pid);
		if (at == start)
			break;
		if (graph->edges[at].waits)
			fputs(", which", out);
	}
	if (is_ownerless(graph, last))
		fputs(": nobody is seen to hold it", out);
	fputc('\n', out);
}

static void print_ownerless(FILE *out, const struct wait_graph *graph, size_t first)
{
	const char *lock = graph->edges[first].wait.lock;
	unsigned int how[] = { [LOCK_READ] = 0, [LOCK_WRITE] = 0, [LOCK_ALONE] = 0 };

	for (size_t i = 0; i < graph->count; i++) {
		if (!is_ownerless(graph, i) || strcmp(graph->edges[i].wait.lock, lock))
			continue;
		if (i < first)
			return;		/* printed with that one */
		how[graph->edges[i].wait.how]++;
	}
	fprintf(out, "\nA lock without an owner: %s\n", lock);
	fprintf(out, "  %u wait for reading, %u for writing, %u for it alone; of %zu tasks none is where it is held\n",
		how[LOCK_READ], how[LOCK_WRITE], how[LOCK_ALONE], graph->count);
}

void wait_graph_print(const struct wait_graph *graph, const struct task_dump *dump, FILE *out)
{
	bool titled = false;

	for (size_t i = 0; i < graph->count; i++) {
		if (!graph->edges[i].waits)
			continue;
		fputs(titled ? "" : "\nWho waits for whom\n", out);
		titled = true;
		print_chain(out, graph, dump, i);
	}
	if (graph->cycle)
		fprintf(out, "\nA circle: these tasks wait for each other\n");
	for (size_t i = 0; graph->cycle && i < graph->count; i++)
		if (is_on_a_cycle(graph, i))
			print_chain(out, graph, dump, i);
	for (size_t i = 0; i < graph->count; i++)
		if (is_ownerless(graph, i))
			print_ownerless(out, graph, i);
}
