// SPDX-License-Identifier: GPL-2.0-only
/*
 * /proc/kcore is an ELF core whose PT_LOADs say where in the file which kernel addresses are
 * (fs/proc/kcore.c). For the direct map p_paddr is the physical address.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "spte/mem.h"

#define SEGMENTS_MAX 4096

struct kcore {
	int fd;
	size_t count;
	Elf64_Phdr *segments;
};

static int read_exactly(int fd, void *buf, size_t size, uint64_t offset)
{
	ssize_t n = pread(fd, buf, size, offset);

	if (n < 0)
		return -errno;
	return (size_t)n == size ? 0 : -EFAULT;
}

static int kcore_read(struct kmem *mem, uint64_t address, void *buf, size_t size)
{
	const struct kcore *kcore = mem->source;

	for (size_t i = 0; i < kcore->count; i++) {
		const Elf64_Phdr *s = &kcore->segments[i];

		if (address >= s->p_vaddr && size <= s->p_memsz &&
		    address - s->p_vaddr <= s->p_memsz - size)
			return read_exactly(kcore->fd, buf, size,
					    s->p_offset + (address - s->p_vaddr));
	}
	return -EFAULT;
}

static void kcore_close(struct kmem *mem)
{
	struct kcore *kcore = mem->source;

	close(kcore->fd);
	free(kcore->segments);
	free(kcore);
}

/* RAM is mapped at one distance everywhere; the kernel's image once more, above it. */
static uint64_t find_direct_map(const struct kcore *kcore)
{
	uint64_t lowest = 0;

	for (size_t i = 0; i < kcore->count; i++) {
		const Elf64_Phdr *s = &kcore->segments[i];
		uint64_t base = s->p_vaddr - s->p_paddr;

		if (!s->p_paddr || s->p_paddr > s->p_vaddr || s->p_paddr >> 52)
			continue;
		if (!lowest || base < lowest)
			lowest = base;
	}
	return lowest;
}

static int read_segments(struct kcore *kcore)
{
	Elf64_Ehdr header;
	Elf64_Phdr *all;
	int err = read_exactly(kcore->fd, &header, sizeof(header), 0);

	if (err)
		return err;
	if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_phentsize != sizeof(*all) ||
	    !header.e_phnum || header.e_phnum > SEGMENTS_MAX)
		return -ENOEXEC;
	all = calloc(header.e_phnum, sizeof(*all));
	if (!all)
		return -ENOMEM;
	kcore->segments = all;
	err = read_exactly(kcore->fd, all, header.e_phnum * sizeof(*all), header.e_phoff);
	for (size_t i = 0; !err && i < header.e_phnum; i++)
		if (all[i].p_type == PT_LOAD)
			all[kcore->count++] = all[i];
	return err;
}

int kcore_open(struct kmem *mem)
{
	struct kcore *kcore = calloc(1, sizeof(*kcore));
	int err;

	if (!kcore)
		return -ENOMEM;
	*mem = (struct kmem){ .read = kcore_read, .close = kcore_close, .source = kcore };
	kcore->fd = open("/proc/kcore", O_RDONLY | O_CLOEXEC);
	if (kcore->fd < 0) {
		err = -errno;
		free(kcore);
		return err;
	}
	err = read_segments(kcore);
	if (err)
		kcore_close(mem);
	else
		mem->direct_map = find_direct_map(kcore);
	return err;
}
