/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SPTEST_WORKLOAD_SAMPLE_H
#define SPTEST_WORKLOAD_SAMPLE_H

#include "workload/detector.h"

/* Everything but the heartbeats, of this machine now. What a kernel does not count stays 0. */
void sample_take(struct sample *sample);

#endif
