// SPDX-License-Identifier: GPL-2.0-only
#include "spte/vm.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "spte/reader.h"

#define VMS_MAX 65536
#define ATTEMPTS 20

/* The debugfs folder is named PID-FD (kvm_create_vm_debugfs()). */
static int read_fd(struct spte_reader *reader, uint64_t kvm)
{
	const struct layout *layout = &reader->layout;
	uint64_t dentry, name;
	char text[24] = "";
	char *dash;

	if (reader_field(reader, kvm, layout->kvm.dentry, &dentry) || dentry >> 63 == 0 ||
	    reader_field(reader, dentry, layout->dentry.name, &name) ||
	    kmem_read(&reader->mem, name, text, sizeof(text) - 1))
		return -1;
	dash = strchr(text, '-');
	return dash ? atoi(dash + 1) : -1;
}

static int read_vm(struct spte_reader *reader, uint64_t address, struct spte_vm *vm)
{
	const struct layout *layout = &reader->layout;
	uint64_t pid;
	int err = reader_field(reader, address, layout->kvm.pid, &pid);

	*vm = (struct spte_vm){ .address = address };
	if (!err)
		err = reader_field(reader, address, layout->kvm.mm, &vm->mm);
	if (err)
		return err;
	vm->pid = (pid_t)pid;
	vm->fd = read_fd(reader, address);
	return 0;
}

static int add_vm(struct spte_vm **vms, size_t *count, const struct spte_vm *vm)
{
	struct spte_vm *more = reallocarray(*vms, *count + 1, sizeof(*more));

	if (!more)
		return -ENOMEM;
	*vms = more;
	more[(*count)++] = *vm;
	return 0;
}

/* struct list_head: next, prev. A VM that comes or goes breaks the chain of prev: -EAGAIN. */
static int walk_list(struct spte_reader *reader, struct spte_vm **vms, size_t *count)
{
	uint64_t head = reader->symbols.address[SYM_VM_LIST], previous = head;
	uint32_t link = reader->layout.kvm.vm_list.offset;
	uint64_t node[2];
	struct spte_vm vm;
	int err = kmem_read(&reader->mem, head, node, sizeof(node));

	while (!err && node[0] != head) {
		uint64_t address = node[0];

		err = kmem_read(&reader->mem, address, node, sizeof(node));
		if (!err && (node[1] != previous || *count >= VMS_MAX))
			return -EAGAIN;
		if (!err)
			err = read_vm(reader, address - link, &vm);
		if (!err)
			err = add_vm(vms, count, &vm);
		previous = address;
	}
	return err == -EFAULT ? -EAGAIN : err;
}

int spte_vm_list(struct spte_reader *reader, struct spte_vm **vms, size_t *count)
{
	const struct layout *layout = &reader->layout;
	int err = -EAGAIN;

	*vms = NULL;
	*count = 0;
	if (!field_exists(layout->kvm.vm_list) || !field_exists(layout->kvm.pid) ||
	    !field_exists(layout->kvm.mm))
		return reader_fail(reader, -ENOENT, "struct kvm is not as expected: no vm_list, userspace_pid or mm");
	for (int i = 0; err == -EAGAIN && i < ATTEMPTS; i++) {
		*count = 0;
		err = walk_list(reader, vms, count);
	}
	if (err) {
		free(*vms);
		*vms = NULL;
		return reader_fail(reader, err, "the list of VMs cannot be read: %s", strerror(-err));
	}
	return 0;
}

/* The VM notes the thread that made it, which need not be the first of its process. */
static bool belongs_to(const struct spte_vm *vm, pid_t pid)
{
	char path[64];

	if (vm->pid == pid)
		return true;
	snprintf(path, sizeof(path), "/proc/%d/task/%d", pid, vm->pid);
	return !access(path, F_OK);
}

static bool process_exists(pid_t pid)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/%d", pid);
	return !access(path, F_OK);
}

int spte_vm_find(struct spte_reader *reader, pid_t pid, int fd, struct spte_vm *vm)
{
	struct spte_vm *vms;
	size_t count, found = 0;
	int err = spte_vm_list(reader, &vms, &count);

	if (err)
		return err;
	for (size_t i = 0; i < count; i++) {
		if (!belongs_to(&vms[i], pid) || (fd >= 0 && vms[i].fd != fd))
			continue;
		*vm = vms[i];
		found++;
	}
	free(vms);
	if (!found && !process_exists(pid))
		return reader_fail(reader, -ESRCH, "there is no process %d: --all lists the VMs that run", pid);
	if (!found && fd >= 0)
		return reader_fail(reader, -ESRCH, "process %d has no VM with file descriptor %d", pid, fd);
	if (!found)
		return reader_fail(reader, -ESRCH, "process %d has no VM: --all lists those that run", pid);
	if (found > 1)
		return reader_fail(reader, -ENOTUNIQ, "process %d has %zu VMs: name one as PID:FD (--all lists them)",
				   pid, found);
	return 0;
}

bool spte_vm_alive(struct spte_reader *reader, const struct spte_vm *vm)
{
	struct spte_vm *vms;
	bool alive = false;
	size_t count;

	if (spte_vm_list(reader, &vms, &count))
		return false;
	for (size_t i = 0; i < count; i++)
		alive |= vms[i].address == vm->address && vms[i].pid == vm->pid &&
			 vms[i].mm == vm->mm;
	free(vms);
	return alive;
}

int spte_vm_counters(struct spte_reader *reader, const struct spte_vm *vm, uint64_t pages[3])
{
	const struct layout *layout = &reader->layout;
	int err;

	if (!field_exists(layout->kvm.pages_4k))
		return -ENOENT;
	err = reader_field(reader, vm->address, layout->kvm.pages_4k, &pages[0]);
	if (!err)
		err = reader_field(reader, vm->address, layout->kvm.pages_2m, &pages[1]);
	if (!err)
		err = reader_field(reader, vm->address, layout->kvm.pages_1g, &pages[2]);
	return err;
}
