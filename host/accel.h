/* SPDX-License-Identifier: GPL-2.0-only */
/* Which accelerator QEMU may use for a host machine that has to run KVM itself. */
#ifndef SPTEST_ACCEL_H
#define SPTEST_ACCEL_H

#include <stdbool.h>

struct accel {
	bool kvm;		/* else TCG, which emulates an AMD CPU with SVM and NPT */
	const char *name;	/* "kvm" or "tcg" */
	char why[200];		/* the reason for the choice, one line */
	unsigned int slowness;	/* deadlines are multiplied by this */
};

/*
 * word: "auto", "kvm" or "tcg". auto takes KVM only if the CPU has svm or vmx, the module's nested
 * parameter is on and a real KVM_RUN works. Dies (STATUS_USAGE) if "kvm" is asked for and unfit.
 */
void accel_choose(struct accel *accel, const char *word);

/* The same for guests that need not run KVM themselves. */
void accel_choose_guests(struct accel *accel, const char *word);

/* Is this machine's KVM fit to nest? why gets the reason either way. */
bool accel_probe_kvm(char why[200]);

#endif
