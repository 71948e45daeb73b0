// SPDX-License-Identifier: GPL-2.0-only
#include "spte/reader.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "spte/cache.h"

#define PTE_ADDRESS 0x000ffffffffff000ULL	/* bits 51:12 */

int reader_fail(struct spte_reader *reader, int err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(reader->error, sizeof(reader->error), fmt, ap);
	va_end(ap);
	return err;
}

int reader_field(struct spte_reader *reader, uint64_t address, struct field field, uint64_t *value)
{
	*value = 0;
	if (!field.size || field.size > sizeof(*value))
		return -EINVAL;
	return kmem_read(&reader->mem, address + field.offset, value, field.size);
}

static int open_mem(struct spte_reader *reader)
{
	int err = kcore_open(&reader->mem);

	if (err == -EPERM || err == -EACCES)
		return reader_fail(reader, err,
				   "/proc/kcore: %s: CAP_SYS_RAWIO is missing, or the kernel is locked down: boot it without lockdown=confidentiality",
				   strerror(-err));
	if (err)
		return reader_fail(reader, err, "/proc/kcore: %s: this kernel's memory cannot be read",
				   strerror(-err));
	return 0;
}

static int open_symbols(struct spte_reader *reader)
{
	FILE *kallsyms = fopen("/proc/kallsyms", "re");
	const struct symbols *symbols = &reader->symbols;
	int err = kallsyms ? symbols_read(&reader->symbols, kallsyms) : -errno;

	if (kallsyms)
		fclose(kallsyms);
	if (err)
		return reader_fail(reader, err, "/proc/kallsyms: %s", strerror(-err));
	if (symbols->lines && symbols->hidden == symbols->lines)
		return reader_fail(reader, -EPERM,
				   "/proc/kallsyms shows no addresses: set kernel.kptr_restrict to 0 or 1");
	if (!symbols->address[SYM_VM_LIST] && access("/sys/module/kvm", F_OK))
		return reader_fail(reader, -ENODEV,
				   "KVM is not loaded: no VM runs here (modprobe kvm_amd or kvm_intel)");
	if (!symbols->address[SYM_VM_LIST])
		return reader_fail(reader, -ENOENT,
				   "/proc/kallsyms has no vm_list: the kernel needs CONFIG_KALLSYMS_ALL");
	return 0;
}

static int open_kernel(struct spte_reader *reader)
{
	int err;

	if (cache_load(&reader->symbols, &reader->layout))
		return 0;
	err = open_symbols(reader);
	if (!err)
		err = layout_read(&reader->layout, reader->error, sizeof(reader->error));
	if (!err)
		cache_save(&reader->symbols, &reader->layout);
	return err;
}

/* A variable's value, or what it is where the kernel has no such variable. */
static int read_variable(struct spte_reader *reader, enum symbol which, uint64_t *value,
			 size_t size)
{
	uint64_t address = reader->symbols.address[which], found = 0;
	int err;

	if (!address)
		return 0;
	err = kmem_read(&reader->mem, address, &found, size);
	if (!err)
		*value = found;
	return err;
}

static int read_variables(struct spte_reader *reader)
{
	uint64_t shift = 39;
	int err;

	reader->direct_map = reader->mem.direct_map;
	reader->physical_mask = PTE_ADDRESS;
	err = read_variable(reader, SYM_PAGE_OFFSET_BASE, &reader->direct_map, 8);
	if (!err)
		err = read_variable(reader, SYM_PHYSICAL_MASK, &reader->physical_mask, 8);
	if (!err)
		err = read_variable(reader, SYM_PGDIR_SHIFT, &shift, 4);
	if (!err)
		err = format_read(&reader->format, &reader->mem, &reader->symbols);
	if (err)
		return reader_fail(reader, err, "/proc/kcore: %s: the kernel's variables cannot be read",
				   strerror(-err));
	if (!reader->direct_map)
		return reader_fail(reader, -ENOENT, "where the kernel maps all memory is not told");
	reader->physical_mask &= PTE_ADDRESS;
	reader->pgd_shift = shift;
	return 0;
}

int spte_reader_open(struct spte_reader *reader)
{
	int err;

	*reader = (struct spte_reader){ 0 };
	if (geteuid())
		return reader_fail(reader, -EPERM, "not root: only root may read the kernel's memory");
	err = open_kernel(reader);
	if (!err)
		err = open_mem(reader);
	if (err)
		return err;
	err = read_variables(reader);
	if (err)
		spte_reader_close(reader);
	return err;
}

void spte_reader_close(struct spte_reader *reader)
{
	reader->mem.close(&reader->mem);
}
