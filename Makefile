# Everything that a contributor runs. `make help` lists the targets.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:

VENV := .venv
BIN := $(VENV)/bin
# The stamps carry what the environment was made from, so a fresh checkout's file times do not matter.
KEY := $(shell cat constraints.txt pyproject.toml tools/venv.sh | cksum | cut -d' ' -f1)
LIGHT := $(VENV)/.setup-$(KEY)
TRAIN := $(VENV)/.setup-train-$(KEY)

MODELS := $(or $(STJAX_MODELS),../shared/models)
DEMO_MODEL := $(wildcard $(MODELS)/mcunet_zoo/mcunet-5fps_vww.tflite)
# One process per core; no core is kept waiting for a long file.
PYTEST = $(BIN)/python -m pytest -n auto --maxprocesses 8 --dist worksteal --durations=15
C_FILES = find embedded verify -name '*.[ch]' -not -path '*/build/*'

.PHONY: help setup setup-train system demo demo-video demo-camera test test-light test-train fuzz lint format golden bench sizes clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

setup: $(LIGHT) ## the environment for planning, proving, exporting, testing (no tensorflow)
	@echo "setup: $(VENV) is up to date"

setup-train: $(TRAIN) ## the same, and jax, flax and tensorflow to make and train models
	@echo "setup: $(VENV) is up to date, training packages included"

$(LIGHT): | constraints.txt pyproject.toml
	@rm -f $(VENV)/.setup-*
	@tools/venv.sh $(VENV) test,lint
	@touch $@

$(TRAIN): | $(LIGHT)
	@tools/venv.sh $(VENV) train
	@touch $@

system: ## check that compilers and emulator are here; as root on Debian, install them
	@tools/system.sh

demo: setup system $(if $(DEMO_MODEL),,setup-train) ## one real model: plan, prove, emit, run on an emulated Cortex-M7
	@$(BIN)/python -m experiments.demo

# Where the emulator cannot be had, its tests are skipped with that reason; without a compiler there is no testing.
test: setup-train lint ## lint, then all tests; what CI runs
	@tools/system.sh --tests
	$(PYTEST)

test-light: setup lint ## the same without jax and tensorflow: all that firmware needs
	@tools/system.sh --tests
	$(PYTEST) -m "not train"

test-train: setup-train ## only the tests that need jax and tensorflow
	@tools/system.sh --tests
	$(PYTEST) -m train

SECONDS ?= 600
fuzz: setup ## new examples for the property tests and new hostile input, for SECONDS=600; says how to replay what it finds
	@tools/system.sh --tests
	$(BIN)/python -m tools.fuzz --seconds $(SECONDS)

demo-video: setup-train system ## a video network from nothing: train, quantize, plan, prove, run on an emulated Cortex-M7
	@$(BIN)/python -m experiments.demo_video

demo-camera: setup-train system ## camera lines on timer interrupts into a proved network: GIF and page in build/demo-camera
	@$(BIN)/python -m experiments.demo_camera -o build/demo-camera

lint: setup ## style and types of Python and C
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m pyright
	$(C_FILES) -exec $(BIN)/clang-format --dry-run -Werror {} +

format: setup ## rewrite Python and C in the project's style
	$(BIN)/ruff check --fix --exit-zero .
	$(BIN)/ruff format .
	$(C_FILES) -exec $(BIN)/clang-format -i {} +

golden: setup-train system ## regenerate what tests compare with: the small model, tables, tutorial
	$(BIN)/python -m experiments.demo_model --golden tests/data
	$(BIN)/python -m tools.ops_table -o docs/OPS.md
	$(BIN)/python -m tools.api_reference -o docs/api
	$(BIN)/python -m tools.make_tutorial -o docs/tutorial.ipynb
	$(BIN)/python -m tools.soundness_table
	$(BIN)/python -m tests.export.golden
	$(BIN)/python -m tools.readme

bench: setup system ## run the benchmarks
	@for file in benchmarks/bench_*.py; do echo "bench: $$file"; $(BIN)/python "$$file"; done
	$(BIN)/python -m benchmarks.kernels

sizes: setup system ## code, constants and stack frame of every kernel on a Cortex-M7 (or BOARD=...)
	$(MAKE) -C embedded sizes BOARD=$(or $(BOARD),mps2-an500)

clean: ## remove what was built; the environment stays (rm -r .venv)
	rm -rf build .pytest_cache .ruff_cache .hypothesis
	@if [ -f embedded/Makefile ]; then $(MAKE) -C embedded clean; fi
