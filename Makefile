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

.PHONY: all
all: build

include $(srcdir)/build.mk
