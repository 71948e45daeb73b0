// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <time.h>

#include "agent.h"

static struct order parse(const char *text)
{
	json_t *root = json_loads(text, 0, NULL);
	json_int_t mib, seconds, seed;
	json_t *jobs;
	int memslots = 0;

	if (json_unpack(root, "{s:I, s:I, s:I, s:o, s?b}", "pattern_mib", &mib, "seconds", &seconds,
			"seed", &seed, "jobs", &jobs, "memslots", &memslots))
		give_up("no order: %s", text);
	return (struct order){ .pattern_mib = mib, .seconds = seconds, .seed = seed, .jobs = jobs,
			       .memslots = memslots };
}

static void say_ready(void)
{
	struct utsname name;
	struct sysinfo info;

	uname(&name);
	sysinfo(&info);
	say(json_pack("{s:s, s:s, s:I}", "event", "ready", "kernel", name.release, "memory_kib",
		      (json_int_t)info.totalram * info.mem_unit / 1024));
}

static time_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec;
}

int main(int argc, char **argv)
{
	struct order order = parse(argc == 2 ? argv[1] : "");
	const time_t end = now() + order.seconds;
	json_t *job;
	size_t i;

	root_enter();
	beats_start();
	say_ready();
	pattern_start(order.pattern_mib, order.seed);
	if (order.memslots)
		memslots_start();
	do {
		json_array_foreach(order.jobs, i, job)
			job_run(json_string_value(job));
	} while (now() < end || beats_wanted());
	if (order.memslots)
		memslots_stop();
	pattern_stop();
	say(json_pack("{s:s}", "event", "done"));
	return 0;
}
