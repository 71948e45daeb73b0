// SPDX-License-Identifier: GPL-2.0-only
/*
 * Real-time processes spin on every CPU, so that init never runs again: the machine is silent, though
 * it still takes interrupts. NAME makes two tests of it: "starve" fills the kernel log first, which
 * must not be taken for an answer to SysRq; with "mute" SysRq prints nothing, only a panic would.
 */
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/klog.h>
#include <unistd.h>

#define CONSOLE_LEVEL 8	/* SYSLOG_ACTION_CONSOLE_LEVEL */
#define LINES 60

static void fill_log(void)
{
	static const char line[] = "meta: a line that says nothing, and is no answer to SysRq\n";
	int fd = open("/dev/kmsg", O_WRONLY);

	for (int i = 0; i < LINES; i++)
		if (write(fd, line, strlen(line)) < 0)
			perror("/dev/kmsg");
}

static void spin_on(int cpu)
{
	struct sched_param param = { .sched_priority = 99 };
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
	sched_setscheduler(0, SCHED_FIFO, &param);
	for (;;)
		__asm__ volatile("pause");
}

int main(int argc, char **argv)
{
	FILE *limit;

	if (argc > 1 && !strcmp(argv[1], "--describe")) {
		puts("{\"name\":\"" NAME "\",\"group\":\"hang\",\"proves\":\"starves init\","
		     "\"needs\":[],\"modules\":[],\"timeout_s\":300,\"expected\":[]}");
		return 0;
	}
	printf("KTAP version 1\n1..2\nok 1 before\n");
	fflush(stdout);
	if (!strcmp(NAME, "mute"))
		klogctl(CONSOLE_LEVEL, NULL, 1);
	else
		fill_log();
	limit = fopen("/proc/sys/kernel/sched_rt_runtime_us", "w");
	if (!limit || fputs("-1", limit) < 0 || fclose(limit))
		return 1;
	for (int cpu = sysconf(_SC_NPROCESSORS_ONLN); --cpu >= 0;)
		if (fork() == 0)
			spin_on(cpu);
	sleep(1000);
	return 1;
}
