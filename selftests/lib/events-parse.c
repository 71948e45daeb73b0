// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/btf.h"
#include "lib/check.h"
#include "lib/events-parse.h"

#define VALUES_MAX 32
#define BLOCKABLE 1	/* MMU_NOTIFIER_RANGE_BLOCKABLE, include/linux/mmu_notifier.h */

static const char *const kernel_names[] = {
	[NOTIFY_UNMAP] = "MMU_NOTIFY_UNMAP",
	[NOTIFY_CLEAR] = "MMU_NOTIFY_CLEAR",
	[NOTIFY_PROTECTION_VMA] = "MMU_NOTIFY_PROTECTION_VMA",
	[NOTIFY_PROTECTION_PAGE] = "MMU_NOTIFY_PROTECTION_PAGE",
	[NOTIFY_SOFT_DIRTY] = "MMU_NOTIFY_SOFT_DIRTY",
	[NOTIFY_RELEASE] = "MMU_NOTIFY_RELEASE",
	[NOTIFY_MIGRATE] = "MMU_NOTIFY_MIGRATE",
	[NOTIFY_EXCLUSIVE] = "MMU_NOTIFY_EXCLUSIVE",
};

static enum notify notify_of_value[VALUES_MAX];

const char *notify_name(enum notify notify)
{
	if (notify == NOTIFY_NONE)
		return "none";
	if (notify >= NOTIFY_UNKNOWN)
		return "unknown";
	return kernel_names[notify] + strlen("MMU_NOTIFY_");
}

void events_parse_init(struct kernel_btf *btf)
{
	enum notify notify;
	unsigned int i;
	int value;

	for (i = 0; i < VALUES_MAX; i++)
		notify_of_value[i] = NOTIFY_UNKNOWN;
	for (notify = NOTIFY_UNMAP; notify < NOTIFY_UNKNOWN; notify++) {
		value = btf_enum_value(btf, "mmu_notifier_event", kernel_names[notify]);
		if (value >= 0 && value < VALUES_MAX)
			notify_of_value[value] = notify;
	}
}

static uint64_t number_after(const char *line, const char *key, int base)
{
	const char *p = strstr(line, key);

	return p ? strtoull(p + strlen(key), NULL, base) : 0;
}

static void parse_caller(struct event *e, const char *text)
{
	const char *p = strstr(text, "caller=");

	if (p)
		snprintf(e->caller, sizeof(e->caller), "%.*s", (int)strcspn(p + 7, "/ \n"), p + 7);
}

static void parse_probe(struct event *e, const char *text)
{
	uint64_t value = number_after(text, " ev=", 16);

	e->mm = number_after(text, " mm=", 16);
	e->start = number_after(text, " from=", 16);
	e->end = number_after(text, " to=", 16);
	if (!e->end)
		e->end = e->start + 1;
	e->notify = value < VALUES_MAX ? notify_of_value[value] : NOTIFY_UNKNOWN;
	e->refusable = e->kind == EVENT_START && !(number_after(text, " flags=", 16) & BLOCKABLE);
	parse_caller(e, text);
}

static void parse_answer(struct event *e, const char *text)
{
	e->young = number_after(text, " young=", 10) ? YOUNG_YES : YOUNG_NO;
}

/* "mmu notifier age hva: 0x7f... -- 0x7f...", or one address alone */
static void parse_hva(struct event *e, const char *text)
{
	e->start = number_after(text, ": ", 16);
	e->end = number_after(text, " -- ", 16);
	if (!e->end)
		e->end = e->start + 1;
}

static void parse_spte(struct event *e, const char *text)
{
	e->gfn = number_after(text, "gfn ", 16);
	e->level = number_after(text, "level ", 10);
	e->old_spte = number_after(text, "old_spte ", 16);
	e->new_spte = number_after(text, e->kind == EVENT_SPTE_SET ? " spte " : "new_spte ", 16);
}

static void parse_fork(struct event *e, const char *text)
{
	e->child = number_after(text, " child_pid=", 10);
}

static void parse_nothing(struct event *e, const char *text)
{
	(void)e;
	(void)text;
}

/* Only a start that was not refused begins anything. */
static void parse_heard(struct event *e, const char *text)
{
	e->refusable = number_after(text, " refused=", 10);
}

static bool parse_body(struct event *e, const char *text)
{
	static const struct {
		const char *name;
		enum event_kind kind;
		void (*parse)(struct event *e, const char *text);
	} bodies[] = {
		{ "heard: ", EVENT_HEARD, parse_heard },
		{ "start: ", EVENT_START, parse_probe },
		{ "end: ", EVENT_END, parse_probe },
		{ "register: ", EVENT_REGISTER, parse_probe },
		{ "unregister: ", EVENT_UNREGISTER, parse_probe },
		{ "release: ", EVENT_RELEASE, parse_probe },
		{ "clear_flush_young: ", EVENT_CLEAR_FLUSH_YOUNG, parse_probe },
		{ "clear_young: ", EVENT_CLEAR_YOUNG, parse_probe },
		{ "test_young: ", EVENT_TEST_YOUNG, parse_probe },
		{ "answer: ", EVENT_YOUNG_ANSWER, parse_answer },
		{ "kvm_unmap_hva_range: ", EVENT_KVM_UNMAP, parse_hva },
		{ "kvm_age_hva: ", EVENT_KVM_AGE, parse_hva },
		{ "kvm_test_age_hva: ", EVENT_KVM_TEST_AGE, parse_hva },
		{ "kvm_tdp_mmu_spte_changed: ", EVENT_SPTE_CHANGED, parse_spte },
		{ "kvm_mmu_set_spte: ", EVENT_SPTE_SET, parse_spte },
		{ "sched_process_fork: ", EVENT_FORK, parse_fork },
		{ "injected: ", EVENT_INJECTED, parse_nothing },
	};
	size_t i, length;

	for (i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		length = strlen(bodies[i].name);
		if (strncmp(text, bodies[i].name, length))
			continue;
		e->kind = bodies[i].kind;
		bodies[i].parse(e, text + length);
		return true;
	}
	return false;
}

/* "12.345678", which ends where `end` points */
static uint64_t parse_time(const char *line, const char *end)
{
	uint64_t seconds;
	char *rest;

	while (end > line && end[-1] != ' ')
		end--;
	seconds = strtoull(end, &rest, 10);
	return seconds * 1000000 + (*rest == '.' ? strtoull(rest + 1, NULL, 10) : 0);
}

/* "  comm-123   [001] d..1.   12.345678: name: text" */
static bool parse_line(struct event *e, const char *line)
{
	const char *bracket = strstr(line, " ["), *dash, *colon;

	memset(e, 0, sizeof(*e));
	if (!bracket)
		return false;
	for (dash = bracket; dash > line && *dash != '-'; dash--)
		;
	e->task = atoi(dash + 1);
	colon = strstr(bracket, ": ");
	if (!colon)
		return false;
	e->us = parse_time(line, colon);
	return parse_body(e, colon + 2);
}

/* The call that this return belongs to is the last one of its task that has no answer yet. */
static void give_answer(struct event_list *list, const struct event *answer)
{
	struct event *e;

	for (e = list->event + list->count; e-- > list->event;) {
		if (e->task != answer->task || e->kind < EVENT_CLEAR_FLUSH_YOUNG ||
		    e->kind > EVENT_TEST_YOUNG)
			continue;
		if (e->young == YOUNG_UNKNOWN)
			e->young = answer->young;
		return;
	}
}

/* The same for the start of an invalidation. */
static void note_heard(struct event_list *list, const struct event *heard)
{
	for (struct event *e = list->event + list->count; e-- > list->event;) {
		if (e->task != heard->task || e->kind != EVENT_START)
			continue;
		if (!e->heard_us && !heard->refusable)
			e->heard_us = heard->us;
		return;
	}
}

struct event_list events_parse(char *text)
{
	struct event_list list = { 0 };
	size_t room = 0;
	char *line, *rest = text;
	struct event e, *grown;

	while ((line = strsep(&rest, "\n"))) {
		if (strstr(line, "[LOST "))
			expect(false, "events were lost, the event witness is blind: %s", line);
		if (!parse_line(&e, line))
			continue;
		if (e.kind == EVENT_YOUNG_ANSWER) {
			give_answer(&list, &e);
			continue;
		}
		if (e.kind == EVENT_HEARD) {
			note_heard(&list, &e);
			continue;
		}
		if (list.count == room) {
			room = room ? room * 2 : 256;
			grown = realloc(list.event, room * sizeof(e));
			require(grown, "no memory for %zu events", room);
			list.event = grown;
		}
		list.event[list.count++] = e;
	}
	return list;
}

void events_free(struct event_list *list)
{
	free(list->event);
	*list = (struct event_list){ 0 };
}
