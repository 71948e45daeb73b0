// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/mailbox.h"
#include "lib/sysfile.h"
#include "lib/timeline.h"

struct text {
	char *at;
	size_t room;
};

static void __attribute__((format(printf, 2, 3))) put(struct text *text, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(text->at, text->room, fmt, ap);
	va_end(ap);
	if (n < 0)
		return;
	if ((size_t)n >= text->room)
		n = text->room - 1;
	text->at += n;
	text->room -= n;
}

/* Tasks that live long, ksmd and kswapd0 above all, have a name still. */
static void put_task(struct text *text, pid_t task)
{
	char path[32], name[32] = "", both[48];

	snprintf(path, sizeof(path), "/proc/%d/comm", task);
	sysfile_read(path, name, sizeof(name));
	snprintf(both, sizeof(both), "%s%s%d", name, name[0] ? "/" : "", task);
	put(text, " %-13s", both);
}

static void put_range(struct text *text, const struct event *e)
{
	size_t pages = (e->end - e->start + GUEST_PAGE - 1) / GUEST_PAGE;

	if (e->end == UINT64_MAX)
		put(text, " all from %#lx", e->start);
	else
		put(text, " %#lx-%#lx (%zu page%s)", e->start, e->end, pages, pages == 1 ? "" : "s");
}

static void put_spte(struct text *text, const struct event *e)
{
	put(text, " gfn %#lx level %d: ", e->gfn, e->level);
	if (e->kind == EVENT_SPTE_CHANGED)
		put(text, "%#lx -> ", e->old_spte);
	put(text, "%#lx", e->new_spte);
}

static const char *word(const struct event *e)
{
	static const char *const words[EVENT_KINDS] = {
		[EVENT_START] = "start",
		[EVENT_END] = "end",
		[EVENT_RELEASE] = "release",
		[EVENT_CLEAR_FLUSH_YOUNG] = "clear_flush_young",
		[EVENT_CLEAR_YOUNG] = "clear_young",
		[EVENT_TEST_YOUNG] = "test_young",
		[EVENT_KVM_UNMAP] = "kvm unmap",
		[EVENT_KVM_AGE] = "kvm age",
		[EVENT_KVM_TEST_AGE] = "kvm test age",
		[EVENT_SPTE_CHANGED] = "spte",
		[EVENT_SPTE_SET] = "spte set",
		[EVENT_REGISTER] = "register",
		[EVENT_UNREGISTER] = "unregister",
		[EVENT_INJECTED] = "an allocation fails",
	};

	return words[e->kind] ? words[e->kind] : "?";
}

static bool has_range(const struct event *e)
{
	return e->kind != EVENT_RELEASE && e->kind != EVENT_REGISTER && e->kind != EVENT_UNREGISTER &&
	       e->kind != EVENT_INJECTED;
}

static void put_event(struct text *text, const struct event *e)
{
	put_task(text, e->task);
	if (e->kind == EVENT_START || e->kind == EVENT_END)
		put(text, " %-5s %s%s", word(e), notify_name(e->notify),
		    e->refusable ? ", not blockable" : "");
	else
		put(text, " %s", word(e));
	if (e->kind == EVENT_SPTE_CHANGED || e->kind == EVENT_SPTE_SET)
		put_spte(text, e);
	else if (has_range(e))
		put_range(text, e);
	if (e->caller[0])
		put(text, " by %s", e->caller);
	if (e->young != YOUNG_UNKNOWN)
		put(text, ": %s", e->young == YOUNG_YES ? "young" : "old");
}

static bool is_question(const struct event *e)
{
	return e->kind >= EVENT_CLEAR_FLUSH_YOUNG && e->kind <= EVENT_TEST_YOUNG;
}

/* KVM's own tracepoint for what it was just told: of the same task, within the same range. */
static bool is_echo(const struct event *e, const struct event *of)
{
	bool unmap = of->kind == EVENT_START && e->kind == EVENT_KVM_UNMAP;
	bool age = is_question(of) && (e->kind == EVENT_KVM_AGE || e->kind == EVENT_KVM_TEST_AGE);

	return (unmap || age) && e->task == of->task && e->start >= of->start && e->end <= of->end;
}

size_t timeline_line(const struct event *event, size_t count, uint64_t zero,
		     char line[TIMELINE_LINE])
{
	struct text text = { .at = line, .room = TIMELINE_LINE };
	size_t told = 1;

	put(&text, "%10.3f ms", ((double)event->us - (double)zero) / 1000);
	if (event->kind == EVENT_STEP || event->kind == EVENT_FAILURE) {
		put(&text, " %s %s", event->kind == EVENT_STEP ? "--" : "!!", event->caller);
		return told;
	}
	put_event(&text, event);
	while (told < count && is_echo(&event[told], event))
		told++;
	if (told > 1)
		put(&text, ", KVM heard it");
	if (event->kind == EVENT_START && told < count && event[told].kind == EVENT_END &&
	    event[told].task == event->task && event[told].mm == event->mm &&
	    event[told].start == event->start && event[told].end == event->end) {
		put(&text, ", ended after %lu us", event[told].us - event->us);
		told++;
	}
	return told;
}

bool timeline_alike(const struct event *one, const struct event *other)
{
	return one->kind == other->kind && one->kind != EVENT_STEP && one->kind != EVENT_FAILURE &&
	       one->task == other->task && one->notify == other->notify &&
	       one->young == other->young && one->refusable == other->refusable &&
	       !strcmp(one->caller, other->caller);
}
