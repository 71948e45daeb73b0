// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a hanging machine can still tell: by its init, else by its serial interrupt, else by NMI; and
 * QEMU knows its registers in any case. The answers come over the console.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "die.h"
#include "path.h"
#include "slot.h"

#define STAGE_MS 3000
#define QMP_MS 5000
#define TALKATIVE 2000	/* bytes of log: more than a few stray lines, it answered */

static void ask_init(struct slot *slot)
{
	channel_send(&slot->machine.channel, CHANNEL_SYSRQ, "wt", 2);
}

/* BREAK and a letter on the serial line is SysRq (drivers/tty/serial/serial_core.c). */
static void ask_serial(struct slot *slot, char letter)
{
	if (!slot->machine.qmp)
		return;
	json_decref(qmp_execute(slot->machine.qmp, "chardev-send-break",
				json_pack("{s:s}", "id", "console"), QMP_MS));
	if (send(slot->machine.console.fd, &letter, 1, MSG_NOSIGNAL) != 1)
		warn("machine %u: its serial line takes no input", slot->id);
}

static void ask_qemu(struct slot *slot)
{
	char *text, *path;

	if (!slot->machine.qmp)
		return;
	text = qmp_human(slot->machine.qmp, "info registers -a", QMP_MS);
	path = xasprintf("%s/registers", slot->test_folder);
	if (text && file_write(path, text, strlen(text), 0644))
		warn("%s: cannot be written", path);
	free(path);
	free(text);
}

/* unknown_nmi_panic makes this the machine's last word. */
static void ask_nmi(struct slot *slot)
{
	if (slot->machine.qmp)
		json_decref(qmp_execute(slot->machine.qmp, "inject-nmi", NULL, QMP_MS));
}

bool collect_next(struct slot *slot)
{
	bool answered = slot->machine.console.slice_size > TALKATIVE;

	slot->deadline = clock_ms() + STAGE_MS;
	switch (slot->stage++) {
	case 0:
		ask_qemu(slot);
		ask_init(slot);
		return true;
	case 1:
		if (!answered)
			ask_serial(slot, 'w');
		return !answered;
	case 2:
		if (!answered)
			ask_serial(slot, 't');
		return !answered;
	case 3:
		if (!answered)
			ask_nmi(slot);
		return !answered;
	default:
		return false;
	}
}
