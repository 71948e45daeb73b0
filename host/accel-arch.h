/* SPDX-License-Identifier: GPL-2.0-only */
/* What accel.c asks of an architecture; accel-x86.c answers. */
#ifndef SPTEST_ACCEL_ARCH_H
#define SPTEST_ACCEL_ARCH_H

#include <stdbool.h>

/* The module of KVM that drives this CPU ("kvm_amd"); NULL, with a reason: it cannot virtualise. */
const char *accel_arch_module(char why[200]);

/* Runs a guest of one instruction on the open /dev/kvm. False, with a reason, if that fails. */
bool accel_arch_run(int kvm, char why[200]);

#endif
