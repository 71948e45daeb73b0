// SPDX-License-Identifier: GPL-2.0-only
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/btf.h"
#include "lib/check.h"
#include "lib/page-count.h"
#include "spte/mem.h"

#define KALLSYMS_BUFFER (1 << 20)

static struct {
	bool tried;
	const char *missing;
	struct kmem mem;
	uint64_t pages;		/* address of struct page of pfn 0 */
	int size, count;	/* of struct page; where its count is */
} state;

/* 0: there is none, or its address is hidden. */
static uint64_t find_symbol(const char *name)
{
	FILE *f = fopen("/proc/kallsyms", "re");
	size_t room = 0, length = strlen(name);
	char *line = NULL, *found;
	uint64_t address = 0;
	ssize_t n;

	if (!f)
		return 0;
	setvbuf(f, NULL, _IOFBF, KALLSYMS_BUFFER);
	while (!address && (n = getline(&line, &room, f)) > 0) {
		/* "ffffffff82a1b2c8 D vmemmap_base" */
		found = (size_t)n > length + 1 ? line + n - length - 1 : line;
		if (found > line && found[-1] == ' ' && !strncmp(found, name, length))
			address = strtoull(line, NULL, 16);
	}
	free(line);
	fclose(f);
	return address;
}

static bool learn_layout(void)
{
	struct kernel_btf *btf = kernel_btf_open();

	if (!btf)
		return false;
	state.size = btf_size(btf, "page");
	state.count = btf_member_offset(btf, "page", "_refcount");
	kernel_btf_close(btf);
	return state.size > 0 && state.count >= 0;
}

static const char *prepare(void)
{
	uint64_t base;

	if (!learn_layout())
		return "kernel without BTF of struct page";
	base = find_symbol("vmemmap_base");
	if (!base)
		return "no address of vmemmap_base in /proc/kallsyms";
	if (kcore_open(&state.mem))
		return "/proc/kcore cannot be read";
	if (kmem_read_u64(&state.mem, base, &state.pages))
		return "vmemmap_base cannot be read in /proc/kcore";
	return NULL;
}

const char *page_count_missing(void)
{
	if (!state.tried)
		state.missing = prepare();
	state.tried = true;
	return state.missing;
}

int32_t page_count_read(uint64_t pfn)
{
	uint64_t address;
	uint32_t count;
	int err;

	require(!page_count_missing(), "%s", page_count_missing());
	address = state.pages + pfn * state.size + state.count;
	err = kmem_read_u32(&state.mem, address, &count);
	require(!err, "struct page of pfn %#lx at %#lx: %s", pfn, address, strerror(-err));
	return (int32_t)count;
}
