// SPDX-License-Identifier: GPL-2.0-only
#include "workload/guest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "guest-agent/agent.h"
#include "host/die.h"
#include "workload/carrier.h"
#include "workload/ending.h"
#include "workload/qemu-x86.h"

#define LINE_MAX_SIZE (512 << 10)	/* of the agent */

static int complain(const char *what)
{
	int err = errno;

	printf("# %s: %s\n", what, strerror(err));
	return -err;
}

/* Below /dev/shm; the caller's to free. */
static char *beats_path(const struct guest *guest)
{
	return xasprintf("/dev/shm/%s", guest->beats_name);
}

/* The heartbeats' file, which QEMU maps too. Its first page is locked here, and so stays in memory for both. */
static int beats_map(struct guest *guest)
{
	char *path = beats_path(guest), *memory;
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	free(path);
	if (fd < 0 || ftruncate(fd, BEAT_DEVICE_SIZE))
		return complain("the file of heartbeats");
	memory = mmap(NULL, 2 * BEAT_PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (memory == MAP_FAILED || mlock(memory, BEAT_PAGE))
		return complain("the file of heartbeats");
	guest->beats[0] = (uint64_t *)memory;
	guest->beats[1] = (uint64_t *)(memory + BEAT_PAGE);
	return 0;
}

int guest_start(struct guest *guest, const struct plan *plan, unsigned int number)
{
	char *log = xasprintf(GUEST_LOG, number);
	int err;

	*guest = (struct guest){
		.number = number, .channel.fd = -1, .qmp = -1, .levers = -1, .jobs = json_array(),
	};
	snprintf(guest->name, sizeof(guest->name), "guest %u", number);
	snprintf(guest->beats_name, sizeof(guest->beats_name), "sptest-%d-%u", getpid(), number);
	unlink(log);
	free(log);
	err = beats_map(guest);
	if (!err)
		err = carrier_start(guest, plan);
	return err;
}

/* The first reason is the one that counts. */
static void give_why(struct guest *guest, char *why)
{
	if (guest->why)
		free(why);
	else
		guest->why = why;
}

static void guest_gone(struct guest *guest)
{
	guest->gone = true;
	give_why(guest, carrier_why(guest));
}

static void agent_gone(struct guest *guest, const struct channel_message *message)
{
	struct channel_exit exit = { 0 };

	if (message->size >= sizeof(exit))
		memcpy(&exit, message->data, sizeof(exit));
	guest->gone = true;
	give_why(guest, ending_of_agent(exit.status));
}

void guest_stop(struct guest *guest)
{
	char *beats;

	if (!guest->number)
		return;
	carrier_stop(guest);
	beats = beats_path(guest);
	unlink(beats);
	free(beats);
	if (guest->beats[0])
		munmap((void *)guest->beats[0], 2 * BEAT_PAGE);
	channel_close(&guest->channel);
	if (guest->qmp >= 0)
		close(guest->qmp);
	if (guest->levers >= 0)
		close(guest->levers);
	json_decref(guest->jobs);
	json_decref(guest->pattern);
	json_decref(guest->memslots);
	free(guest->why);
	free(guest->line);
	*guest = (struct guest){ 0 };
}

void guest_order(struct guest *guest, const struct plan *plan)
{
	json_t *order = json_pack("{s:i, s:i, s:I, s:O, s:b}", "pattern_mib", plan->pattern_mib, "seconds",
				  plan->seconds, "seed", (json_int_t)plan->seed, "jobs", plan->jobs, "memslots",
				  plan->vmm.memslots);
	char *text = json_dumps(order, JSON_COMPACT);
	const char *const argv[] = { "guest-agent", text, NULL }, *const env[] = { NULL };

	if (channel_send_run(&guest->channel, "agent", argv, env))
		guest_gone(guest);
	free(text);
	json_decref(order);
}

static void take_event(struct guest *guest, const char *line)
{
	json_t *object = json_loads(line, 0, NULL);
	const char *event = json_string_value(json_object_get(object, "event"));

	if (!event)
		printf("# progress %s: its agent: %.300s\n", guest->name, line);
	else if (!strcmp(event, "ready"))
		guest->ready = true;
	else if (!strcmp(event, "done"))
		guest->done = true;
	else if (!strcmp(event, "job"))
		json_array_append(guest->jobs, object);
	else if (!strcmp(event, "error"))
		give_why(guest, xasprintf("the guest's agent gave up: %s",
					  json_string_value(json_object_get(object, "what")) ?: "it said no more"));
	else if (!strcmp(event, "pattern"))
		guest->pattern = json_incref(object);
	else if (!strcmp(event, "memslots"))
		guest->memslots = json_incref(object);
	else
		printf("# progress %s: its agent: %.300s\n", guest->name, line);
	json_decref(object);
}

static void take_output(struct guest *guest, const char *data, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (data[i] == '\n' || guest->line_used == LINE_MAX_SIZE) {
			guest->line[guest->line_used] = '\0';
			take_event(guest, guest->line);
			guest->line_used = 0;
			continue;
		}
		if (guest->line_used % BEAT_PAGE == 0)
			guest->line = xrealloc(guest->line, guest->line_used + BEAT_PAGE + 1);
		guest->line[guest->line_used++] = data[i];
	}
}

void guest_listen(struct guest *guest, int ms)
{
	struct channel_message message;
	int got;

	carrier_wait(guest, ms);
	while ((got = channel_receive(&guest->channel, &message)) > 0) {
		if (message.type == CHANNEL_HELLO && !guest->booted) {
			guest->booted = true;
		} else if (message.type == CHANNEL_OUTPUT) {
			take_output(guest, message.data, message.size);
		} else if (message.type == CHANNEL_EXIT && !guest->done) {
			agent_gone(guest, &message);
		}
	}
	if ((got < 0 || carrier_ended(guest)) && !guest->gone)
		guest_gone(guest);
}
