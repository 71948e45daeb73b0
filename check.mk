#h target bench-cost|what a kernel with switches costs while no defect is on|make bench-cost
.PHONY: bench-cost
bench-cost:
	$(Q)$(srcdir)/ci/setup build run test kernel
	$(Q)$(MAKE) build
	$(Q)$(srcdir)/ci/bench-mutants $(call quote,$(out))

# SPDX-License-Identifier: GPL-2.0-only
# The main job: selftests on a host kernel. Each "#h" line is one of `make help`.

full_option = $(if $(CHECK),$(if $(filter full,$(CHECK)),--full,$(error CHECK=$(CHECK): there is CHECK=full)))

OUT ?= $(srcdir)/results/runs
run_options = --out $(call quote,$(OUT)) \
	$(if $(KERNEL),--kernel $(call quote,$(KERNEL))) \
	$(if $(TESTS),--tests $(call quote,$(TESTS))) \
	$(if $(MMU),--mmu $(call quote,$(MMU))) \
	$(if $(ACCEL),--accel $(call quote,$(ACCEL))) \
	$(if $(JOBS),--jobs $(call quote,$(JOBS))) \
	$(if $(MEMORY),--memory $(call quote,$(MEMORY))) \
	$(if $(APPEND),--append $(call quote,$(APPEND))) \
	$(full_option) \
	$(if $(SEED),--seed $(call quote,$(SEED))) \
	$(if $(filter 1,$(V)),--verbose)

# Set-up comes before make looks at what there is to build, hence the second make.
#h target check|boot a host kernel, run the selftests in it|make check KERNEL=6.12
.PHONY: check
check:
	$(Q)$(srcdir)/ci/setup build run
	$(Q)$(MAKE) build
	$(Q)$(out)/sptest run $(run_options)

#h target check-full|make check CHECK=full: also what takes long|make check-full KERNEL=6.12
.PHONY: check-full
check-full:
	$(Q)$(MAKE) check CHECK=full

# What the suites need beyond the tests.
suite_packages = $(if $(findstring mutants,$(SUITES)),kernel) $(if $(findstring workloads,$(SUITES)),workload)

#h target matrix|make check on several kernels, in several MMU modes|make matrix KERNELS=6.1,6.12,7.3
.PHONY: matrix
matrix:
	$(Q)$(srcdir)/ci/setup build run $(suite_packages)
	$(Q)$(MAKE) build
	$(Q)$(out)/sptest matrix --out $(call quote,$(OUT)) \
		$(if $(KERNELS),--kernels $(call quote,$(KERNELS))) \
		$(if $(MMU),--mmu $(call quote,$(MMU))) \
		$(if $(SUITES),--suites $(call quote,$(SUITES))) \
		$(if $(WORKLOADS),--workloads $(call quote,$(WORKLOADS))) \
		$(if $(SCALE),--scale $(call quote,$(SCALE))) \
		$(if $(TESTS),--tests $(call quote,$(TESTS))) \
		$(full_option) \
		$(if $(JOBS),--jobs $(call quote,$(JOBS))) \
		$(if $(SEED),--seed $(call quote,$(SEED))) \
		$(if $(BUDGET),--budget $(call quote,$(BUDGET)))

#h target nightly|matrix, comparison with the last green, reports, exit status|make nightly BUDGET=360 KEEP=30
.PHONY: nightly
nightly:
	$(Q)$(srcdir)/ci/setup build run night $(suite_packages)
	$(Q)$(MAKE) build
	$(Q)OUT=$(call quote,$(OUT)) $(srcdir)/ci/nightly $(call quote,$(out))

#h target mutants|switch defects on in a kernel: do the tests notice?|make mutants MMU=shadow
.PHONY: mutants
mutants:
	$(Q)$(srcdir)/ci/setup build run kernel
	$(Q)$(MAKE) build
	$(Q)$(out)/sptest mutants --out $(call quote,$(srcdir)/results/campaigns) --store $(call quote,$(srcdir)/results/runs/results.db) \
		$(if $(KERNEL),--kernel $(call quote,$(KERNEL))) \
		$(if $(MMU),--mmu $(call quote,$(MMU))) \
		$(if $(ONLY),--only $(call quote,$(ONLY))) \
		$(if $(TESTS),--tests $(call quote,$(TESTS))) \
		$(if $(JOBS),--jobs $(call quote,$(JOBS)))

#h target workloads|Linux guests at work in a host machine short of memory|make workloads WORKLOADS=fio-verify
.PHONY: workloads
workloads:
	$(Q)$(srcdir)/ci/setup build run workload
	$(Q)$(MAKE) build
	$(Q)$(out)/sptest workload --out $(call quote,$(OUT)) \
		$(if $(KERNEL),--kernel $(call quote,$(KERNEL))) \
		$(if $(MMU),--mmu $(call quote,$(MMU))) \
		$(if $(SCALE),--scale $(call quote,$(SCALE))) \
		$(if $(DURATION),--duration $(call quote,$(DURATION))) \
		$(if $(PRESSURE),--pressure $(call quote,$(PRESSURE))) \
		$(if $(SEED),--seed $(call quote,$(SEED))) \
		$(if $(filter 1,$(V)),--verbose) \
		$(if $(WORKLOADS),$(call quote,$(WORKLOADS)))

#h target deadlock|a swap deadlock on demand, and who waits where|make deadlock DEADLOCK=i-mmap-2008
.PHONY: deadlock
deadlock:
	$(Q)$(srcdir)/ci/setup build run workload kernel
	$(Q)$(MAKE) build
	$(Q)$(out)/sptest deadlock --out $(call quote,$(OUT)) \
		$(if $(KERNEL),--kernel $(call quote,$(KERNEL))) \
		$(if $(filter 1,$(V)),--verbose) \
		$(call quote,$(or $(DEADLOCK),i-mmap-2008))

#h target kernel|build a host kernel from source|make kernel KERNEL=debug-6.12
.PHONY: kernel
kernel:
	$(Q)$(srcdir)/ci/setup build kernel
	$(Q)$(MAKE) build
	$(Q)$(out)/sptest kernels build \
		$(if $(KERNEL_TREE),--tree $(call quote,$(KERNEL_TREE))) \
		$(if $(KERNEL_COMMIT),--commit $(call quote,$(KERNEL_COMMIT))) \
		$(call quote,$(if $(KERNEL),$(KERNEL),debug$(if $(KERNEL_TREE),,-6.12)))

#h target bench|measure how long the parts of a run take|make bench
.PHONY: bench
bench:
	$(Q)$(srcdir)/ci/setup build run test
	$(Q)$(MAKE) build
	$(Q)$(srcdir)/ci/bench $(call quote,$(out))

#h variable KERNEL|host kernel: version, bzImage, build tree, .deb, running|make check KERNEL=6.1
#h variable KERNEL_TREE|build from this tree, git tree or tarball|make kernel KERNEL_TREE=~/linux KERNEL=debug
#h variable KERNEL_COMMIT|a commit or range of the git tree|make kernel KERNEL_TREE=~/linux KERNEL=debug KERNEL_COMMIT=v6.12..
#h variable KERNELS|of make matrix, with commas, also globs; default all series|make matrix KERNELS='6.*,7.3'
#h variable BUDGET|time after which make matrix starts nothing more|make matrix BUDGET=6h
#h variable KEEP|of make nightly: runs of each kernel and mode that are kept|make nightly KEEP=10
#h variable SUITES|of make matrix: check, mutants, workloads; default check|make matrix KERNELS=mutants-6.12 SUITES=check,mutants
#h variable CLASSIFY|of make nightly: how often a failure runs again; 0: not|make nightly CLASSIFY=5
#h variable APPEND|of make check and make nightly: more kernel parameters|make check-full MEMORY=6144 APPEND=hugetlb_cma=1G KERNEL=7.3

#h variable WORKLOADS|of make workloads and make matrix: a name or glob; default all|make workloads WORKLOADS='stress-*'
#h variable DEADLOCK|of make deadlock: its name; default i-mmap-2008|make deadlock DEADLOCK=i-mmap-2008
#h variable SCALE|of make workloads and make matrix: small, nightly or soak|make workloads SCALE=nightly
#h variable DURATION|of make workloads: instead of what the scale says|make workloads DURATION=10m
#h variable PRESSURE|of make workloads: what else the host does|make workloads PRESSURE=khugepaged
#h variable ONLY|mutants, a glob|make mutants ONLY='tdp_*'
#h variable TESTS|only these, a glob|make check TESTS='zap/*'
#h variable CHECK|full: also the tests and cases that every-day runs leave out|make check CHECK=full
#h variable MMU|tdp, direct, shadow, several with commas, or all|make check MMU=all
#h variable ACCEL|kvm, tcg or auto|make check ACCEL=tcg
#h variable MEMORY|MiB of the host machine, default 1024|make check-full MEMORY=6144
#h variable JOBS|host machines side by side|make check JOBS=2
#h variable SEED|repeat the random choices of an earlier run|make check SEED=1234
#h variable OUT|where the run's folder is made|make check OUT=/tmp/runs
#h variable V|1: every command and every case|make check V=1
#h variable O|build folder, default build|make check O=/tmp/sptest-build
#h variable NO_INSTALL|1: name missing packages, install none|make check NO_INSTALL=1
