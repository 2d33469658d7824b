# The commands of the project. `make demo` is the one to begin with.
SHELL := /bin/sh
PYTHON ?= python3
PORT ?= 8000
ifeq ($(strip $(VAR_DIR)),)
override VAR_DIR := var
endif
export VAR_DIR
AFRESH := $(if $(filter 1,$(RESET)),--reset)
PY := .venv/bin/python

.PHONY: demo run test setup dev lint bench fuzz lock

setup:
	@PYTHON=$(PYTHON) .ci/setup.sh run
	@mkdir -p $(VAR_DIR)
	@$(PY) manage.py prepare

demo:
	@PYTHON=$(PYTHON) .ci/setup.sh run
	@$(PY) manage.py serve --port $(PORT) --demo $(AFRESH)

run:
	@PYTHON=$(PYTHON) .ci/setup.sh run
	@$(PY) manage.py serve --port $(PORT) $(AFRESH)

dev:
	@PYTHON=$(PYTHON) .ci/setup.sh dev

lint: dev
	@.ci/lint.sh

test: dev
	@.ci/test.sh

bench: dev
	@$(PY) -m tests.bench.run

# Thousands of broken files; COUNT and SEED may be given. `make test` runs a short sample.
fuzz: dev
	@$(PY) -m tests.system.fuzz $(or $(COUNT),12000) $(SEED)

lock:
	uv pip compile -q --generate-hashes --universal --python-version 3.11 --no-emit-index-url --no-header requirements.in -o requirements.txt
	uv pip compile -q --generate-hashes --universal --python-version 3.11 --no-emit-index-url --no-header requirements-dev.in -o requirements-dev.txt
	uv pip compile -q --generate-hashes --universal --python-version 3.11 --no-emit-index-url --no-header .ci/assets.in -o .ci/assets.txt
