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

#define STAGE_MS 2000
#define LISTEN 4	/* the stage at which there is nothing more to ask */
#define LISTEN_MAX 10	/* stages at most until it has said everything */
#define QMP_MS 5000
#define TALKATIVE 2000	/* bytes of log since the hang: more than a few stray lines, it answered */

static void ask_init(struct slot *slot)
{
	channel_send(&slot->machine.channel, CHANNEL_SYSRQ, "wtdm", 4);
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

/* False if QEMU itself does not answer: then nothing in it will. */
static bool ask_qemu(struct slot *slot)
{
	char *text, *path;

	if (!slot->machine.qmp)
		return true;
	text = qmp_human(slot->machine.qmp, "info registers -a", QMP_MS);
	if (!text) {
		char *detail = xasprintf("%s, nor does QEMU answer", slot->detail);

		free(slot->detail);
		slot->detail = detail;
		return false;
	}
	path = xasprintf("%s/registers", slot->test_folder);
	if (file_write(path, text, strlen(text), 0644))
		warn("%s: cannot be written", path);
	free(path);
	free(text);
	return true;
}

/* unknown_nmi_panic makes this the machine's last word. */
static void ask_nmi(struct slot *slot)
{
	if (slot->machine.qmp)
		json_decref(qmp_execute(slot->machine.qmp, "inject-nmi", NULL, QMP_MS));
}

bool collect_next(struct slot *slot)
{
	size_t size = slot->machine.console.slice_size;
	bool answered = size - slot->hang_size > TALKATIVE;
	bool talking = size != slot->heard;

	slot->heard = size;
	slot->deadline = clock_ms() + STAGE_MS;
	switch (slot->stage++) {
	case 0:
		if (!ask_qemu(slot))
			return false;
		ask_init(slot);
		return true;
	case 1:
		if (answered)
			slot->stage = LISTEN;
		else
			ask_serial(slot, 'w');
		return true;
	case 2:
		ask_serial(slot, 't');
		return true;
	case 3:
		if (!answered)
			ask_nmi(slot);
		return true;
	default:
		return talking && slot->stage < LISTEN + LISTEN_MAX;
	}
}
