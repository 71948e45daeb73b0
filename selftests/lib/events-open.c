// SPDX-License-Identifier: GPL-2.0-only
/* Which events this kernel offers, and the probes for them. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/btf.h"
#include "lib/events.h"
#include "lib/events-parse.h"
#include "lib/tracefs.h"

/*
 * For each CPU. Answers about a page cannot be filtered by mm: reclaim of all there is asks for each page of
 * every process, and asks again.
 */
#define ANSWERS_KIB 2048

/* Each kind of event: its set, and its name in tracefs ("kvm/..." is a tracepoint). */
static const struct {
	unsigned int set;
	const char *name;
} kinds[EVENT_KINDS] = {
	[EVENT_HEARD] = { EVENTS_WINDOW, "heard" },
	[EVENT_START] = { EVENTS_RANGE, "start" },
	[EVENT_END] = { EVENTS_RANGE, "end" },
	[EVENT_RELEASE] = { EVENTS_RANGE, "release" },
	[EVENT_CLEAR_FLUSH_YOUNG] = { EVENTS_AGE, "clear_flush_young" },
	[EVENT_CLEAR_YOUNG] = { EVENTS_AGE, "clear_young" },
	[EVENT_TEST_YOUNG] = { EVENTS_AGE, "test_young" },
	[EVENT_YOUNG_ANSWER] = { EVENTS_AGE, "answer" },
	[EVENT_KVM_UNMAP] = { EVENTS_RANGE, "kvm/kvm_unmap_hva_range" },
	[EVENT_KVM_AGE] = { EVENTS_AGE, "kvm/kvm_age_hva" },
	[EVENT_KVM_TEST_AGE] = { EVENTS_AGE, "kvm/kvm_test_age_hva" },
	[EVENT_SPTE_CHANGED] = { EVENTS_SPTE, "kvmmmu/kvm_tdp_mmu_spte_changed" },
	[EVENT_SPTE_SET] = { EVENTS_SPTE, "kvmmmu/kvm_mmu_set_spte" },
	[EVENT_REGISTER] = { EVENTS_LIFE, "register" },
	[EVENT_UNREGISTER] = { EVENTS_LIFE, "unregister" },
	[EVENT_FORK] = { EVENTS_FORK, "sched/sched_process_fork" },
	[EVENT_INJECTED] = { EVENTS_INJECTED, "injected" },
};

static char missing[160] = "not asked for";
static bool have[EVENT_KINDS];

const char *events_missing(void)
{
	return missing[0] ? missing : NULL;
}

bool events_have(enum event_kind kind)
{
	return have[kind];
}

static int define_range_probe(struct kernel_btf *btf, const char *name, const char *function)
{
	static const char *const members[] = { "mm", "start", "end", "event", "flags" };
	char text[256];
	int offset[5];
	unsigned int i;

	for (i = 0; i < 5; i++) {
		offset[i] = btf_member_offset(btf, "mmu_notifier_range", members[i]);
		if (offset[i] < 0)
			return offset[i];
	}
	snprintf(text, sizeof(text),
		 "%s mm=+%d($arg1):x64 from=+%d($arg1):x64 to=+%d($arg1):x64 ev=+%d($arg1):x32 flags=+%d($arg1):x32 caller=$stack0:symbol",
		 function, offset[0], offset[1], offset[2], offset[3], offset[4]);
	return tracefs_add_kprobe(name, text);
}

/* Functions that take the mm, and maybe `from` and `to`, as parameters of those names. */
static int define_mm_probe(struct kernel_btf *btf, const char *name, const char *function,
			   const char *from, const char *to)
{
	int mm = btf_parameter(btf, function, "mm");
	int first = from ? btf_parameter(btf, function, from) : 0;
	int last = to ? btf_parameter(btf, function, to) : 0;
	char text[256];
	int n;

	if (mm < 0 || first < 0 || last < 0)
		return -ENOENT;
	n = snprintf(text, sizeof(text), "%s mm=$arg%d:x64", function, mm);
	if (from)
		n += snprintf(text + n, sizeof(text) - n, " from=$arg%d:x64", first);
	if (to)
		n += snprintf(text + n, sizeof(text) - n, " to=$arg%d:x64", last);
	snprintf(text + n, sizeof(text) - n, " caller=$stack0:symbol");
	return tracefs_add_kprobe(name, text);
}

/* One event for the returns of all three; $retval alone cannot be filtered by mm. */
static int define_answers(void)
{
	static const char *const functions[] = {
		"__mmu_notifier_clear_flush_young", "__mmu_notifier_clear_young",
		"__mmu_notifier_test_young",
	};
	char text[128];
	unsigned int i;
	int err = -ENOENT;

	for (i = 0; i < 3; i++) {
		snprintf(text, sizeof(text), "%s young=$retval:u8", functions[i]);
		if (!tracefs_add_kretprobe("answer", text))
			err = 0;
	}
	return err;
}

/* Asked at each allocation of anybody, true or an error if it shall fail. */
static int define_injected(const char *name)
{
	int slab = tracefs_add_kretprobe(name, "should_failslab failed=$retval:u8");
	int page = tracefs_add_kretprobe(name, "should_fail_alloc_page failed=$retval:u8");

	return slab ? slab : page ? page : tracefs_filter(name, "failed != 0");
}

static int define_probe(struct kernel_btf *btf, enum event_kind kind)
{
	const char *name = kinds[kind].name;

	switch (kind) {
	case EVENT_HEARD:
		return tracefs_add_kretprobe(name,
			"__mmu_notifier_invalidate_range_start refused=$retval:s32");
	case EVENT_START:
		return define_range_probe(btf, name, "__mmu_notifier_invalidate_range_start");
	case EVENT_END:
		return define_range_probe(btf, name, "__mmu_notifier_invalidate_range_end");
	case EVENT_RELEASE:
		return define_mm_probe(btf, name, "__mmu_notifier_release", NULL, NULL);
	case EVENT_CLEAR_FLUSH_YOUNG:
		return define_mm_probe(btf, name, "__mmu_notifier_clear_flush_young", "start", "end");
	case EVENT_CLEAR_YOUNG:
		return define_mm_probe(btf, name, "__mmu_notifier_clear_young", "start", "end");
	case EVENT_TEST_YOUNG:
		return define_mm_probe(btf, name, "__mmu_notifier_test_young", "address", NULL);
	case EVENT_REGISTER:
		return define_mm_probe(btf, name, "__mmu_notifier_register", NULL, NULL);
	case EVENT_UNREGISTER:
		return define_mm_probe(btf, name, "mmu_notifier_unregister", NULL, NULL);
	case EVENT_YOUNG_ANSWER:
		return define_answers();
	case EVENT_INJECTED:
		return define_injected(name);
	default:
		return 0;
	}
}

static void missing_because(const char *what, int err)
{
	snprintf(missing, sizeof(missing), "%s: %s", what, strerror(-err));
}

static void open_kinds(struct kernel_btf *btf, unsigned int wanted)
{
	enum event_kind kind;

	for (kind = 0; kind < EVENT_KINDS; kind++)
		have[kind] = (kinds[kind].set & wanted) && !define_probe(btf, kind);
	for (kind = 0; kind < EVENT_KINDS; kind++)
		have[kind] = have[kind] && !tracefs_enable(kinds[kind].name, true);
	if (have[EVENT_YOUNG_ANSWER])
		tracefs_set_buffer(ANSWERS_KIB);
}

/* Only inside of invalidations: a guest that is filled page by page says nothing. */
static void watch_windows(void)
{
	const char *name = kinds[EVENT_SPTE_SET].name;

	if (have[EVENT_SPTE_SET] || !have[EVENT_HEARD] || !have[EVENT_START] || !have[EVENT_END])
		return;
	have[EVENT_SPTE_SET] = !tracefs_switch(name, kinds[EVENT_START].name, kinds[EVENT_END].name);
}

bool events_open(unsigned int wanted)
{
	struct kernel_btf *btf;
	int err;

	if (!wanted)
		return false;
	err = tracefs_open();
	if (err) {
		missing_because("tracefs", err);
		return false;
	}
	btf = kernel_btf_open();
	if (!btf) {
		missing_because("/sys/kernel/btf/vmlinux", -errno);
		return false;
	}
	events_parse_init(btf);
	open_kinds(btf, wanted);
	if (wanted & EVENTS_WINDOW)
		watch_windows();
	kernel_btf_close(btf);
	if ((wanted & EVENTS_RANGE) && !(have[EVENT_START] && have[EVENT_END])) {
		snprintf(missing, sizeof(missing), "no kprobe on __mmu_notifier_invalidate_range_start");
		return false;
	}
	missing[0] = '\0';
	return true;
}
