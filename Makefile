# Every target makes its own environment first: Python 3.11 (to 3.13), make and a package index do.
# .venv is made once per version of requirements.lock; later calls start at once.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed-$(shell cksum < requirements.lock | cut -d' ' -f1)
RUN := $(BIN)/python -m orchestration

.DEFAULT_GOAL := help
.PHONY: help setup demo run preview test check validate ui bench lock clean

help: ## what each target does
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 10

setup: $(STAMP) ## make .venv from requirements.lock

$(STAMP): requirements.lock
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 11) <= v < (3, 14) else f"Python 3.11 to 3.13 is needed, {sys.executable} is {v[0]}.{v[1]}; name another with make PYTHON=/path/to/python3.11")'
	@echo "Setting up $(VENV): about 230 packages, one to two minutes, only once"
	@rm -rf $(VENV)
	@$(PYTHON) -m venv $(VENV)
	@# --no-deps: the lock is complete, and it leaves out a parser that cannot be built from an index
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes --no-deps -r requirements.lock
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: $(STAMP) ## make the sample estate, land, build, check and publish it, print the figures
	@$(RUN) demo

run: $(STAMP) ## land, build, check and publish what exports.yml names
	@$(RUN) run

preview: $(STAMP) ## what edited rules of ownership would move, in money
	@$(RUN) preview

test: $(STAMP) ## lint and every test
	@$(BIN)/python -m ruff check -q . && $(BIN)/python -m ruff format -q --check .
	@# by file: the fixtures of a file (a built warehouse) are made once
	@$(BIN)/python -m pytest -q -n 2 --dist loadfile

validate: $(STAMP) ## the official FOCUS validator on what is published (needs Python 3.12; skips without)
	@$(BIN)/python -m orchestration.validation

ui: $(STAMP) ## Dagster on http://127.0.0.1:3000
	@$(RUN) ui

bench: $(STAMP) ## conversion speed against hand-written DuckDB SQL (minutes; AI_FINOPS_BENCH_ROWS)
	@$(BIN)/python -m benchmarks

lock: ## renew requirements.lock (needs uv; the lock holds hashes and no addresses)
	uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-emit-find-links --no-annotate --no-header -o requirements.lock

clean: ## remove what was built, not .venv
	rm -rf data target logs
