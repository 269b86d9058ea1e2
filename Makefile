# assay: what to type. `make help` lists the targets.
GO ?= go
BIN := bin/assay
NAME ?=
ARGS ?=

.PHONY: help build experiment plan report test test-root test-arm64 test-vm simulate check-with-r check restore

help: ## list the targets
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 24

build: ## build bin/assay
	@scripts/need-go "$(GO)"
	$(GO) build -trimpath -buildvcs=false -o $(BIN) ./harness/cmd/assay

experiment: build ## run an experiment: make experiment NAME=thp-gc [ARGS='--seed 7']
	@scripts/experiment $(BIN) "$(NAME)" $(ARGS)

plan: build ## show what an experiment would do: make plan NAME=thp-gc
	@$(BIN) plan $(NAME) $(ARGS)

report: build ## report on a results folder again: make report DIR=results/thp-gc/...
	@$(BIN) report $(DIR) $(ARGS)

restore: build ## put back what an interrupted run left set
	@$(BIN) restore $(ARGS)

test: ## unit tests and the scenarios of the command; no root, no network
	@scripts/need-go "$(GO)"
	$(GO) test ./...

test-root: ## the real knobs and cgroups of this machine, restored afterwards; root
	@scripts/need-go "$(GO)"
	ASSAY_TEST_ROOT=1 $(GO) test -p 1 -count=1 -run Root ./...

test-arm64: ## every workload built for arm64, under user-mode emulation; needs qemu-user-static
	@scripts/need-go "$(GO)"
	ASSAY_TEST_ARM64=1 $(GO) test -count=1 -run '^TestARM64' ./workloads

test-vm: ## what this machine lacks, in QEMU guests: cgroup v2, two NUMA nodes, cpufreq, arm64
	@scripts/need-go "$(GO)"
	@scripts/fetch-kernels
	ASSAY_TEST_VM=1 ASSAY_VM_OUT=$(CURDIR)/bin/test-vm $(GO) test -v -count=1 -timeout 60m -p 1 -run '^TestVM' ./harness/vm ./harness/cmd/assay

simulate: ## the simulated machines with ten times the experiments (SIMULATE=20000)
	ASSAY_SIMULATE=$(or $(SIMULATE),20000) $(GO) test -count=1 -timeout 1h -v -run Simulated ./harness/verdict

check-with-r: ## the statistics against R; needs r-base-core and r-cran-boot
	@scripts/check-with-r "$(GO)"

check: ## exactly what CI runs
	@scripts/check "$(GO)"
