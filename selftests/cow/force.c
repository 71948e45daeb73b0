// SPDX-License-Identifier: GPL-2.0-only
/*
 * A debugger writes memory that its mapping says is read-only (FOLL_FORCE), as for a breakpoint. The guest
 * that has it mapped reads what was written, never gets to write itself, and nobody else sees it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/check.h"
#include "lib/child.h"
#include "lib/guest.h"
#include "lib/lru.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/peer.h"
#include "lib/sptes.h"
#include "lib/stage.h"
#include "lib/test.h"
#include "lib/witness.h"

#define PAGES 32
#define WRITTEN 8
#define WRITES 11
#define BEHIND (WRITTEN + WRITES)
#define POKE 0x1122334455667788UL

/* The pages that the guest has, mapped shared; NULL: they are anonymous. */
static char *file;

static void protect(struct stage *s, int rights)
{
	lru_drain();
	require(!mprotect(s->slot->hva, PAGES * GUEST_PAGE, rights), "mprotect: %s", strerror(errno));
}

/* The guest has read all pages, version 1, of a mapping without the right to write. */
static void guest_reads(struct stage *s)
{
	const char *what = "guest reads read-only memory";

	guest_check(s->vcpu, s->slot, 0, PAGES, 1);
	witness_step(&s->witness, what, &(struct step){ .faulted = PAGES });
	sptes_expect(s->slot, 0, PAGES, SPTES_READ_ONLY, what);
}

static void set_up_file(struct stage *s)
{
	file = stage_make_private(s, PAGES);
	protect(s, PROT_READ);
	witness_open(&s->witness, &s->vm);
	guest_reads(s);
}

static void set_up_anon(struct stage *s)
{
	stage_make(s, memory_alloc(PAGES), PAGES);
	memory_fill(s->slot->hva, memory_key(s->slot->tag, 1), 0, PAGES);
	protect(s, PROT_READ);
	witness_open(&s->witness, &s->vm);
	guest_reads(s);
}

/* The process that writes here, and where to; set before it is started. */
static struct peer debugger;
static struct {
	pid_t pid;
	void *address;
	unsigned int tag;
	bool refused;
} *debugged;

static void start_debugger(void)
{
	debugged = shared_alloc(sizeof(*debugged));
	debugged->pid = getpid();
	peer_start(&debugger, "the debugger");
}

static void attach(void)
{
	int status;

	require(!ptrace(PTRACE_ATTACH, debugged->pid, NULL, NULL), "PTRACE_ATTACH: %s",
		strerror(errno));
	require(waitpid(debugged->pid, &status, __WALL) == debugged->pid && WIFSTOPPED(status),
		"the process does not stop");
}

static void detach(void)
{
	require(!ptrace(PTRACE_DETACH, debugged->pid, NULL, NULL), "PTRACE_DETACH: %s",
		strerror(errno));
}

/* Version 2 of the pages, by /proc/PID/mem. */
static void write_mem(void)
{
	static char content[PAGES * GUEST_PAGE];
	char path[64];
	ssize_t n;
	int fd;

	memory_fill(content, memory_key(debugged->tag, 2), WRITTEN, WRITES);
	snprintf(path, sizeof(path), "/proc/%d/mem", debugged->pid);
	fd = open(path, O_RDWR | O_CLOEXEC);
	require(fd >= 0, "%s: %s", path, strerror(errno));
	attach();
	n = pwrite(fd, content + WRITTEN * GUEST_PAGE, WRITES * GUEST_PAGE, (uintptr_t)debugged->address);
	debugged->refused = n < 0 && errno == EIO;
	detach();
	close(fd);
	require(debugged->refused || n == WRITES * GUEST_PAGE, "%s: %zd of %lu bytes written: %s", path, n,
		WRITES * GUEST_PAGE, strerror(errno));
}

static void force(struct stage *s)
{
	debugged->address = slot_page(s->slot, WRITTEN);
	debugged->tag = s->slot->tag;
	peer_call(&debugger, write_mem);
	if (debugged->refused)
		skip_case("this kernel lets no debugger override rights (proc_mem.force_override)");
}

static void expect_forced(struct stage *s, const char *what, size_t faulted)
{
	guest_check(s->vcpu, s->slot, 0, WRITTEN, 1);
	guest_check(s->vcpu, s->slot, WRITTEN, WRITES, 2);
	guest_check(s->vcpu, s->slot, BEHIND, PAGES - BEHIND, 1);
	witness_step(&s->witness, "guest reads all", &(struct step){ .faulted = faulted });
	sptes_expect(s->slot, 0, PAGES, SPTES_READ_ONLY, what);
	guest_expect_efault(s->vcpu, s->slot, 0, PAGES, true);
	witness_step(&s->witness, "guest may not write", &(struct step){ 0 });
	memory_check("owner", s->slot->hva, memory_key(s->slot->tag, 2), WRITTEN, WRITES);
	if (file)
		memory_check("file", file, memory_key(s->slot->tag, 1), 0, PAGES);
}

static void proc_mem_file(void)
{
	const char *what = "forced write to the file's pages";
	struct stage s;

	start_debugger();
	set_up_file(&s);
	force(&s);
	witness_step(&s.witness, what, &(struct step){
		.event = NOTIFY_CLEAR, .hva = slot_page(s.slot, WRITTEN), .pages = WRITES,
		.zapped = WRITES,
	});
	expect_forced(&s, what, WRITES);
}

/* Pages that nobody else has are written as they are, under the sptes that map them. */
static void proc_mem_anon(void)
{
	const char *what = "forced write to anonymous pages";
	struct stage s;

	start_debugger();
	set_up_anon(&s);
	force(&s);
	witness_step(&s.witness, what, &(struct step){ 0 });
	expect_forced(&s, what, 0);
}

static void proc_mem_forked(void)
{
	const char *what = "forced write to pages that the child has, too";
	struct stage s;

	start_debugger();
	set_up_anon(&s);
	child_fork(s.slot);
	child_step(&s.witness, "fork", &(struct step){
		.event = NOTIFY_PROTECTION_PAGE, .hva = s.slot->hva, .pages = PAGES, .zapped = PAGES,
	});
	guest_reads(&s);
	force(&s);
	child_step(&s.witness, what, &(struct step){
		.event = NOTIFY_CLEAR, .hva = slot_page(s.slot, WRITTEN), .pages = WRITES,
		.zapped = WRITES,
	});
	child_expect_own(what, WRITTEN, WRITES);
	expect_forced(&s, what, WRITES);
	child_check(0, PAGES, 1);
}

static void poke(void)
{
	attach();
	require(!ptrace(PTRACE_POKEDATA, debugged->pid, debugged->address, POKE), "PTRACE_POKEDATA: %s",
		strerror(errno));
	detach();
}

static void expect_poked(struct stage *s)
{
	uint64_t value;

	require(!guest_read(s->vcpu, s->slot, WRITTEN, &value), "the guest cannot read");
	expect(value == POKE, "the guest reads %#lx, the debugger wrote %#lx", value, POKE);
	expect(*(uint64_t *)slot_page(s->slot, WRITTEN) == POKE, "the owner does not read what was poked");
	guest_check(s->vcpu, s->slot, 0, WRITTEN, 1);
	guest_check(s->vcpu, s->slot, WRITTEN + 1, PAGES - WRITTEN - 1, 1);
	memory_check("file", file, memory_key(s->slot->tag, 1), 0, PAGES);
	witness_step(&s->witness, "all read", &(struct step){ .faulted = 1 });
	sptes_expect(s->slot, 0, PAGES, SPTES_READ_ONLY, "PTRACE_POKEDATA");
}

static void ptrace_poke(void)
{
	struct stage s;

	start_debugger();
	set_up_file(&s);
	debugged->address = slot_page(s.slot, WRITTEN);
	peer_call(&debugger, poke);
	witness_step(&s.witness, "PTRACE_POKEDATA", &(struct step){
		.event = NOTIFY_CLEAR, .hva = debugged->address, .pages = 1, .zapped = 1,
	});
	expect_poked(&s);
}

const struct test test = {
	.name = "force",
	.group = "cow",
	.proves = "a guest reads what a debugger forces into its read-only memory, and cannot write there",
	.needs = { .kvm = true, .memory_mib = 32 },
	.modules = { "kvm_amd", "kvm_intel" },
	.events = EVENTS_RANGE,
	.timeout_s = 20,
	.cases = {
		{ "proc-mem-file", proc_mem_file },
		{ "proc-mem-anon", proc_mem_anon },
		{ "proc-mem-forked", proc_mem_forked },
		{ "ptrace-poke", ptrace_poke },
	},
};
