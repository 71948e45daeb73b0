// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lib/check.h"
#include "lib/guest-arch.h"
#include "lib/guest.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/test.h"

static struct mailbox *prepare(struct vcpu *vcpu, enum guest_op op, const struct memslot *slot,
			       size_t first, size_t count)
{
	struct mailbox *mb = vcpu->mailbox;

	require(slot->vm == vcpu->vm, "a vCPU of another VM than the memslot");
	mb->op = op;
	mb->gpa = slot->gpa;
	mb->first = first;
	mb->count = count;
	mb->masked = 0;
	mb->stop = 0;
	mb->bad = 0;
	mb->rounds = 0;
	arch_vcpu_command(vcpu);
	return mb;
}

void guest_prepare_fill(struct vcpu *vcpu, const struct memslot *slot, size_t first, size_t count,
			unsigned int version)
{
	prepare(vcpu, GUEST_FILL, slot, first, count)->key = memory_key(slot->tag, version);
}

int guest_fill(struct vcpu *vcpu, const struct memslot *slot, size_t first, size_t count,
	       unsigned int version)
{
	int err;

	guest_prepare_fill(vcpu, slot, first, count, version);
	err = vcpu_run(vcpu);
	expect(!err, "guest cannot write all of pages %zu..%zu: %s", first, first + count - 1, strerror(-err));
	return err;
}

int guest_try_check(struct vcpu *vcpu, const struct memslot *slot, size_t first, size_t count,
		    unsigned int version)
{
	struct mailbox *mb = prepare(vcpu, GUEST_CHECK, slot, first, count);
	char found[64];
	int err;

	mb->key = memory_key(slot->tag, version);
	err = vcpu_run(vcpu);
	if (mb->bad) {
		memory_explain(found, sizeof(found), mb->bad_value, slot->tag, mb->bad_page,
			       mb->bad_word);
		expect(false, "guest sees %lu of pages %zu..%zu wrong; page %lu, word %lu: %#lx (%s), not version %u",
		       mb->bad, first, first + count - 1, mb->bad_page, mb->bad_word, mb->bad_value,
		       found, version);
	}
	return err;
}

int guest_check(struct vcpu *vcpu, const struct memslot *slot, size_t first, size_t count,
		unsigned int version)
{
	int err = guest_try_check(vcpu, slot, first, count, version);

	expect(!err, "guest cannot read all of pages %zu..%zu: %s", first, first + count - 1, strerror(-err));
	return err;
}

int guest_read(struct vcpu *vcpu, const struct memslot *slot, size_t page, uint64_t *value)
{
	struct mailbox *mb = prepare(vcpu, GUEST_READ, slot, page, 1);
	int err = vcpu_run(vcpu);

	*value = mb->value;
	return err;
}

int guest_write_each(struct vcpu *vcpu, const struct memslot *slot, size_t first, size_t count,
		     uint64_t value)
{
	struct mailbox *mb = prepare(vcpu, GUEST_WRITE, slot, first, count);

	mb->value = value;
	return vcpu_run(vcpu);
}

int guest_write(struct vcpu *vcpu, const struct memslot *slot, size_t page, uint64_t value)
{
	return guest_write_each(vcpu, slot, page, 1, value);
}

int guest_forget(struct vcpu *vcpu, const struct memslot *slot, size_t first, size_t count)
{
	prepare(vcpu, GUEST_FORGET, slot, first, count);
	return vcpu_run(vcpu);
}

static void set_mask(struct mailbox *mb, const uint64_t *mask, size_t pages)
{
	require(pages <= GUEST_MASK_PAGES, "a mask of %zu pages does not fit the mailbox", pages);
	memcpy(mb->mask, mask, (pages + 63) / 64 * sizeof(*mask));
	mb->masked = 1;
}

int guest_touch(struct vcpu *vcpu, const struct memslot *slot, const uint64_t *mask, size_t pages)
{
	set_mask(prepare(vcpu, GUEST_READ, slot, 0, pages), mask, pages);
	return vcpu_run(vcpu);
}

void guest_spin_start(struct vcpu *vcpu, const struct memslot *slot, size_t first, size_t count,
		      uint64_t epoch)
{
	prepare(vcpu, GUEST_SPIN, slot, first, count)->epoch = epoch;
	vcpu_start(vcpu);
}

void guest_spin_write_start(struct vcpu *vcpu, const struct memslot *slot, size_t first,
			    size_t count, uint64_t delay)
{
	struct mailbox *mb = prepare(vcpu, GUEST_SPIN_WRITE, slot, first, count);

	mb->value = 1;
	mb->delay = delay;
	vcpu_start(vcpu);
}

void guest_spin_write_masked(struct vcpu *vcpu, const struct memslot *slot, const uint64_t *mask,
			     size_t pages)
{
	struct mailbox *mb = prepare(vcpu, GUEST_SPIN_WRITE, slot, 0, pages);

	set_mask(mb, mask, pages);
	mb->value = 1;
	mb->delay = 0;
	vcpu_start(vcpu);
}

void guest_spin_epoch(struct vcpu *vcpu, uint64_t epoch)
{
	__atomic_store_n(&vcpu->mailbox->epoch, epoch, __ATOMIC_SEQ_CST);
}

bool guest_spin_wait(struct vcpu *vcpu)
{
	uint64_t goal = vcpu->mailbox->rounds + 2;
	time_t deadline = time(NULL) + 10 * test_slowness();

	while (vcpu->mailbox->rounds < goal) {
		if (__atomic_load_n(&vcpu->ended, __ATOMIC_ACQUIRE)) {
			diag("the vCPU does not run any more: %s", strerror(-vcpu->result));
			return false;
		}
		if (time(NULL) > deadline)
			return false;
		usleep(200);
	}
	return true;
}

bool guest_spin_faults(struct vcpu *vcpu)
{
	const uint64_t goal = vcpu->mailbox->rounds + 2;

	while (pthread_tryjoin_np(vcpu->thread, NULL)) {
		if (vcpu->mailbox->rounds >= goal)
			__atomic_store_n(&vcpu->mailbox->stop, 1, __ATOMIC_SEQ_CST);
		usleep(200);
	}
	return vcpu->result == -EFAULT;
}

size_t guest_spin_stop(struct vcpu *vcpu, int *result)
{
	__atomic_store_n(&vcpu->mailbox->stop, 1, __ATOMIC_SEQ_CST);
	*result = vcpu_join(vcpu);
	return vcpu->mailbox->bad;
}

uint64_t guest_spin_written(const struct vcpu *vcpu)
{
	return vcpu->mailbox->value + vcpu->mailbox->rounds - 1;
}

void guest_spin_expect_written(const struct vcpu *vcpu, const struct memslot *slot)
{
	const uint64_t expected = guest_spin_written(vcpu);

	for (size_t page = 0; page < slot->pages; page++) {
		uint64_t value = *(const uint64_t *)slot_page(slot, page);

		expect(value == expected, "page %zu holds %#lx, the guest wrote %#lx last", page, value,
		       expected);
	}
}

void guest_expect_efault(struct vcpu *vcpu, const struct memslot *slot, size_t first, size_t count,
			 bool write)
{
	uint64_t value = 0;
	size_t page, bad = 0, first_bad = 0;
	int err, first_err = 0;

	for (page = first; page < first + count; page++) {
		err = write ? guest_write(vcpu, slot, page, 0xbad) :
			      guest_read(vcpu, slot, page, &value);
		if (err == -EFAULT || bad++)
			continue;
		first_bad = page;
		first_err = err;
	}
	expect(!bad, "guest %s %zu of pages %zu..%zu without an EFAULT, first of them page %zu (%s)",
	       write ? "writes" : "reads", bad, first, first + count - 1, first_bad,
	       first_err ? "MMIO exit" : "it gets through");
}
