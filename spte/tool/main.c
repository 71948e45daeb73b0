// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "spte/freeze.h"
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

static int show_reading(const struct options *options, struct reading *reading)
{
	bool still = options->freeze;
	int err = 0;

	if (options->json)
		return view_json(reading, options, still);
	view_summary(reading);
	if (options->dump)
		err = view_dump(reading, options);
	if (!err && options->check)
		err = view_check(reading, still);
	if (!err && options->map)
		err = view_map(reading, options);
	if (!err && options->svg)
		err = view_svg(reading, options);
	return err;
}

static void pause_for(double seconds)
{
	struct timespec t = { .tv_sec = (time_t)seconds };

	t.tv_nsec = (long)((seconds - (double)t.tv_sec) * 1e9);
	nanosleep(&t, NULL);
}

/* A second reading, and what changed up to it. */
static int show_diff(const struct options *options, const struct reading *older)
{
	struct reading newer;
	int err;

	pause_for(options->diff_s);
	err = reading_take(&newer, older->reader, &older->vm);
	if (err)
		return err;
	err = view_diff(older, &newer, options);
	reading_free(&newer);
	return err;
}

/* Among all VMs one may end any time: no error. */
static int cannot_show(const struct options *options, struct spte_reader *reader,
		       const struct spte_vm *vm)
{
	char error[SPTE_ERROR_SIZE];

	memcpy(error, reader->error, sizeof(error));
	if (spte_vm_alive(reader, vm)) {
		memcpy(reader->error, error, sizeof(error));
		return cannot(reader);
	}
	fprintf(stderr, "sptest spte: VM %d has ended meanwhile\n", vm->pid);
	return options->all ? STATUS_OK : STATUS_CANNOT;
}

/* Reads and shows a VM; its owner may be stopped meanwhile. */
static int show(const struct options *options, struct spte_reader *reader, const struct spte_vm *vm)
{
	struct reading reading;
	int status = STATUS_OK;

	if (reading_take(&reading, reader, vm))
		return cannot_show(options, reader, vm);
	if (show_reading(options, &reading) ||
	    (options->diff_s > 0 && show_diff(options, &reading)))
		status = cannot_show(options, reader, vm);
	else if (reading.agreement == TOTALS_DIFFER || reading.check.violations)
		status = STATUS_FOUND;
	reading_free(&reading);
	return status;
}

/* What is shown is kept until the owner runs again: it must not wait for a slow terminal. */
static int show_frozen(const struct options *options, struct spte_reader *reader,
		       const struct spte_vm *vm)
{
	struct freeze freeze;
	FILE *terminal = stdout;
	char *text = NULL;
	size_t size;
	int err, status;

	if (!options->freeze)
		return show(options, reader, vm);
	err = freeze_start(&freeze, vm->pid);
	if (err) {
		fprintf(stderr, "sptest spte: process %d cannot be stopped: %s\n", vm->pid,
			strerror(-err));
		return STATUS_CANNOT;
	}
	stdout = open_memstream(&text, &size);
	if (!stdout)
		stdout = terminal;
	status = show(options, reader, vm);
	freeze_end(&freeze);
	if (stdout != terminal) {
		fclose(stdout);
		stdout = terminal;
		fwrite(text, 1, size, stdout);
	}
	free(text);
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
		status = worse(status, show_frozen(options, reader, &vms[i]));
	free(vms);
	return status;
}

static int show_one(const struct options *options, struct spte_reader *reader)
{
	struct spte_vm vm;

	if (spte_vm_find(reader, options->pid, options->fd, &vm))
		return cannot(reader);
	return show_frozen(options, reader, &vm);
}

int main(int argc, char **argv)
{
	struct spte_reader reader;
	struct options options;
	int status;

	options_parse(&options, argc, argv);
	if (spte_reader_open(&reader))
		return cannot(&reader);
	for (;;) {
		if (options.watch_s > 0 && options.colour)
			fputs("\033[H\033[2J", stdout);
		status = options.all ? show_all(&options, &reader) : show_one(&options, &reader);
		if (options.watch_s <= 0 || status >= STATUS_USAGE)
			break;
		fflush(stdout);
		pause_for(options.watch_s);
	}
	spte_reader_close(&reader);
	return status;
}
