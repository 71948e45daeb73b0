# SPDX-License-Identifier: GPL-2.0-only
# What is compiled, all found on disk: a new file needs no line here.

CC ?= gcc
CFLAGS ?= -O2 -g
warnings := -std=gnu17 -Wall -Wextra -Werror
cflags := $(warnings) -D_GNU_SOURCE -I$(srcdir) -MMD -MP $(CFLAGS)
runner_libs := jansson libarchive libxml-2.0 libelf sqlite3
runner_cflags = $(shell pkg-config --cflags $(runner_libs))
runner_ldlibs = $(shell pkg-config --libs $(runner_libs)) -lm

runner_src := $(wildcard $(srcdir)/host/*.c $(srcdir)/results/*.c)
runner_obj := $(runner_src:$(srcdir)/%.c=$(out)/obj/%.o)
init_src := $(wildcard $(srcdir)/guest-image/*.c)

.PHONY: build
build: $(out)/sptest $(out)/libexec/init $(out)/libexec/build-kernel selftests $(out)/share

$(out)/sptest: $(runner_obj)
	$(say) LD $(@:$(out)/%=%)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(runner_ldlibs)

$(runner_obj): $(out)/obj/%.o: $(srcdir)/%.c $(srcdir)/build.mk
	$(say) CC $*.o
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(cflags) $(runner_cflags) -c -o $@ $<

# PID 1 of the host machine: static, so that it starts whatever else is missing.
$(out)/libexec/init: $(init_src) $(wildcard $(srcdir)/guest-image/*.h) $(srcdir)/build.mk
	$(say) CC libexec/init
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(warnings) -D_GNU_SOURCE -I$(srcdir) $(CFLAGS) -static -o $@ $(init_src) -lpthread

$(out)/libexec/build-kernel:
	$(Q)mkdir -p $(@D)
	$(Q)ln -sfn $(srcdir)/kernel-config/build $@

# Data that sptest reads, by links, so that a new file is seen without make.
$(out)/share: $(srcdir)/build.mk
	$(Q)mkdir -p $@
	$(Q)for name in flavours fragments kernels mutants patches xfail; do ln -sfn $(srcdir)/kernel-config/$$name $@/$$name; done
	$(Q)ln -sfn $(srcdir)/upstream $@/upstream
	$(Q)for name in deadlocks pressures workloads; do ln -sfn $(srcdir)/$$name $@/$$name; done
	$(Q)ln -sfn $(srcdir)/host/splats $@/splats
	$(Q)touch $@

.PHONY: selftests
selftests:
	$(Q)$(MAKE) $(if $(Q),-s) -C $(srcdir)/selftests OUTPUT=$(out)/libexec/selftests CFLAGS="$(CFLAGS)" V=$(V)

-include $(runner_obj:.o=.d)

# Folders that say themselves how they are built.
include $(wildcard $(srcdir)/*/*.mk)
