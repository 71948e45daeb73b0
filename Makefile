# SPDX-License-Identifier: GPL-2.0-only
# sptest: make check | make test | make help

srcdir := $(patsubst %/,%,$(dir $(abspath $(lastword $(MAKEFILE_LIST)))))
O ?= build
out := $(abspath $(O))

ifeq ($(V),1)
Q :=
say = @:
else
Q := @
say = @printf '  %-7s %s\n'
MAKEFLAGS += --no-print-directory
endif

# One word for the shell, whatever stands in it.
quote = '$(subst ','\'',$(1))'

# Only check and test install packages; this says which ones it misses.
.PHONY: all
all:
	$(Q)NO_INSTALL=1 $(srcdir)/ci/setup build
	$(Q)$(MAKE) build

include $(srcdir)/build.mk
include $(srcdir)/check.mk
include $(srcdir)/test.mk
include $(srcdir)/install.mk
