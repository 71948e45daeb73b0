// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "spte/tool/leaves.h"
#include "spte/tool/views.h"

/* As hexadecimal strings: 64 bits do not fit the numbers of every JSON reader. */
static json_t *hex(uint64_t value)
{
	char text[20];

	snprintf(text, sizeof(text), "0x%jx", (uintmax_t)value);
	return json_string(text);
}

static json_t *pte_object(const struct primary_pte *pte)
{
	return json_pack("{s:o, s:b, s:b, s:o, s:i}", "value", hex(pte->value), "present", pte->present,
			 "writable", pte->writable, "pfn", hex(pte->pfn), "level", (int)pte->level);
}

static json_t *leaf_object(const struct spte_format *format, const struct spte_leaf *leaf)
{
	const struct spte_role *role = &leaf->table->role;

	return json_pack("{s:o, s:o, s:o, s:o, s:i, s:b, s:b, s:b, s:b, s:b, s:b, s:b, s:b, s:b}",
			 "gfn", hex(leaf->gfn), "spte", hex(leaf->spte),
			 "address", hex(leaf->table->address + leaf->index * 8),
			 "pfn", hex(spte_pfn(format, leaf->spte)), "level", (int)leaf->level,
			 "mmio", leaf->state == SPTE_MMIO,
			 "readable", spte_readable(format, leaf->spte),
			 "writable", spte_writable(format, leaf->spte),
			 "executable", spte_executable(format, leaf->spte),
			 "accessed", spte_accessed(format, leaf->spte) > 0,
			 "dirty", spte_dirty(format, leaf->spte) > 0, "smm", role->space == 1,
			 "nested", role->guest_mode, "invalid_root", role->invalid);
}

static json_t *levels_array(const struct reading *reading)
{
	json_t *levels = json_array();

	for (unsigned int i = 0; i < SPTE_LEVELS; i++)
		json_array_append_new(levels, json_pack(
			"{s:s, s:I, s:I, s:I, s:I, s:I}", "size", spte_level_name(i + 1),
			"sptes", (json_int_t)reading->totals.level[i].leaves,
			"writable", (json_int_t)reading->totals.level[i].writable,
			"executable", (json_int_t)reading->totals.level[i].executable,
			"accessed", (json_int_t)reading->totals.level[i].accessed,
			"dirty", (json_int_t)reading->totals.level[i].dirty));
	return levels;
}

static json_t *reading_object(const struct reading *reading)
{
	static const char *const agreements[] = { "agree", "differ", "moved", "uncounted" };
	const struct spte_snapshot *snapshot = &reading->snapshot;
	json_t *object = json_pack(
		"{s:i, s:i, s:s, s:s, s:i, s:i, s:i, s:I, s:I, s:s, s:f, s:o}", "pid", reading->vm.pid,
		"fd", reading->vm.fd, "command", reading->command, "mmu", reading_mmu(reading),
		"roots", (int)snapshot->roots, "invalid_roots", (int)snapshot->invalid_roots,
		"memslots", (int)reading->slots.count, "tables", (json_int_t)reading->totals.tables,
		"mmio", (json_int_t)reading->totals.mmio, "kvm_counts", agreements[reading->agreement],
		"seconds", reading->seconds, "levels", levels_array(reading));

	if (object && snapshot->counted)
		json_object_set_new(object, "kvm", json_pack(
			"{s:I, s:I, s:I}", "pages_4k", (json_int_t)snapshot->after[0], "pages_2m",
			(json_int_t)snapshot->after[1], "pages_1g", (json_int_t)snapshot->after[2]));
	return object;
}

struct collected {
	const struct spte_format *format;
	json_t *violations;
};

static void collect(void *arg, const struct spte_violation *v)
{
	struct collected *all = arg;
	json_t *object = json_pack("{s:s, s:o, s:o, s:o, s:o}", "fault", spte_fault_name(v->fault),
				   "gfn", hex(v->gfn), "hva", hex(v->hva), "spte",
				   leaf_object(all->format, &v->leaf), "pte", pte_object(&v->pte));

	json_array_append_new(all->violations, object);
}

static int add_check(struct reading *reading, json_t *object, bool still)
{
	struct collected all = { &reading->reader->format, json_array() };
	int err = reading_check(reading, still, collect, &all);

	json_object_set_new(object, "check", json_pack(
		"{s:I, s:I, s:I, s:I, s:o}", "sptes", (json_int_t)reading->check.leaves,
		"pages", (json_int_t)reading->check.pages, "unjudged",
		(json_int_t)reading->check.unjudged, "suspects", (json_int_t)reading->check.suspects,
		"violations", all.violations));
	return err;
}

static int add_leaves(const struct reading *reading, const struct options *options, json_t *object)
{
	size_t count;
	int err;
	struct spte_leaf *leaves = leaves_sorted(reading, options, &count, &err);
	json_t *array = json_array();

	for (size_t i = 0; i < count; i++) {
		json_t *leaf = leaf_object(&reading->reader->format, &leaves[i]);

		json_object_set_new(leaf, "hva", hex(reading_hva(reading, &leaves[i])));
		json_array_append_new(array, leaf);
	}
	json_object_set_new(object, "sptes", array);
	free(leaves);
	return err;
}

int view_json(struct reading *reading, const struct options *options, bool still)
{
	json_t *object = reading_object(reading);
	int err = object ? 0 : -ENOMEM;

	if (!err && options->check)
		err = add_check(reading, object, still);
	if (!err && options->dump)
		err = add_leaves(reading, options, object);
	if (!err) {
		json_dumpf(object, stdout, JSON_COMPACT);
		putchar('\n');
	}
	json_decref(object);
	return err;
}
