// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "spte/tool/options.h"
#include "spte/tool/views.h"

static int cannot(const struct spte_reader *reader)
{
	fprintf(stderr, "sptest spte: %s\n", reader->error);
	return STATUS_CANNOT;
}

static int worse(int a, int b)
{
	return a > b ? a : b;
}

static int show(const struct options *options, struct spte_reader *reader, const struct spte_vm *vm)
{
	struct reading reading;
	int status = STATUS_OK;

	(void)options;
	if (reading_take(&reading, reader, vm))
		return cannot(reader);
	view_summary(&reading);
	if (reading.agreement == TOTALS_DIFFER)
		status = STATUS_FOUND;
	reading_free(&reading);
	return status;
}

static int show_all(const struct options *options, struct spte_reader *reader)
{
	struct spte_vm *vms;
	size_t count;
	int status = STATUS_OK;

	if (spte_vm_list(reader, &vms, &count))
		return cannot(reader);
	if (!count)
		puts("no VM runs here");
	for (size_t i = 0; i < count; i++)
		status = worse(status, show(options, reader, &vms[i]));
	free(vms);
	return status;
}

static int show_one(const struct options *options, struct spte_reader *reader)
{
	struct spte_vm vm;

	if (spte_vm_find(reader, options->pid, options->fd, &vm))
		return cannot(reader);
	return show(options, reader, &vm);
}

int main(int argc, char **argv)
{
	struct spte_reader reader;
	struct options options;
	int status;

	options_parse(&options, argc, argv);
	if (spte_reader_open(&reader))
		return cannot(&reader);
	status = options.all ? show_all(&options, &reader) : show_one(&options, &reader);
	spte_reader_close(&reader);
	return status;
}
