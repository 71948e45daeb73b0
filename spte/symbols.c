// SPDX-License-Identifier: GPL-2.0-only
#include "spte/symbols.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[SYM_COUNT] = {
	[SYM_VM_LIST] = "vm_list",
	[SYM_PAGE_OFFSET_BASE] = "page_offset_base",
	[SYM_PHYSICAL_MASK] = "physical_mask",
	[SYM_PGDIR_SHIFT] = "pgdir_shift",
	[SYM_SHADOW_PRESENT] = "shadow_present_mask",
	[SYM_SHADOW_ACCESSED] = "shadow_accessed_mask",
	[SYM_SHADOW_DIRTY] = "shadow_dirty_mask",
	[SYM_SHADOW_NX] = "shadow_nx_mask",
	[SYM_SHADOW_X] = "shadow_x_mask",
	[SYM_SHADOW_XS] = "shadow_xs_mask",
	[SYM_SHADOW_XU] = "shadow_xu_mask",
	[SYM_SHADOW_USER] = "shadow_user_mask",
	[SYM_SHADOW_ME] = "shadow_me_mask",
	[SYM_SHADOW_HOST_WRITABLE] = "shadow_host_writable_mask",
	[SYM_SHADOW_MMU_WRITABLE] = "shadow_mmu_writable_mask",
	[SYM_SHADOW_ACC_TRACK] = "shadow_acc_track_mask",
	[SYM_SHADOW_MMIO_VALUE] = "shadow_mmio_value",
	[SYM_SHADOW_MMIO_MASK] = "shadow_mmio_mask",
	[SYM_SHADOW_RSVD] = "shadow_nonpresent_or_rsvd_mask",
	[SYM_SHADOW_RSVD_LOWER_GFN] = "shadow_nonpresent_or_rsvd_lower_gfn_mask",
};

/* Of the kernel itself or of KVM; other modules may have a variable of the same name. */
static bool is_ours(const char *rest)
{
	return *rest == '\n' || *rest == '\0' || !strncmp(rest, "\t[kvm]", 6);
}

/* "ffffffffc09f2a00 d vm_list	[kvm]"; KVM's own is the one wanted where both have it. */
static void take_line(struct symbols *symbols, const char *line)
{
	const char *name = strchr(line, ' ');
	size_t length;
	char *end;

	if (!name || !name[1] || name[2] != ' ')
		return;
	symbols->lines++;
	symbols->hidden += !strncmp(line, "0000000000000000 ", 17);
	name += 3;
	if (!strchr("pvs", *name))
		return;
	length = strcspn(name, "\t\n");
	for (size_t i = 0; i < SYM_COUNT; i++) {
		if (strlen(names[i]) != length || memcmp(names[i], name, length))
			continue;
		if (is_ours(name + length) && (!symbols->address[i] || name[length] == '\t'))
			symbols->address[i] = strtoull(line, &end, 16);
	}
}

int symbols_read(struct symbols *symbols, FILE *kallsyms)
{
	char line[1024];

	*symbols = (struct symbols){ 0 };
	errno = 0;
	while (fgets(line, sizeof(line), kallsyms))
		take_line(symbols, line);
	return ferror(kallsyms) ? -(errno ? errno : EIO) : 0;
}

/* FNV-1a. */
uint64_t symbols_hash(void)
{
	uint64_t hash = 0xcbf29ce484222325ULL;

	for (size_t i = 0; i < SYM_COUNT; i++)
		for (const char *c = names[i]; *c; c++)
			hash = (hash ^ (unsigned char)*c) * 0x100000001b3ULL;
	return hash;
}
