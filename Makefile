# Two commands are all that a newcomer needs: `make demo` and `make test`. Each does all of its own set-up.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help demo test services lint format bench clean

VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
PYTHONS := python3 python3.14 python3.13 python3.12 python3.11
ARGS ?=
# Tests at a time, each file in one: most wait for servers and for seconds to pass.
PROCESSES ?= 3

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(INSTALLED) ## everything on this machine: ARGS="--port 8080 --exit"
	@$(BIN)/ctcollect demo $(ARGS)

test: $(INSTALLED) services lint ## the checks, then all tests: ARGS="-k merkle -x"
	$(BIN)/python -m pytest --numprocesses $(PROCESSES) --dist loadfile $(ARGS)

services: $(INSTALLED) ## the servers that the tests start, installed if absent
	@PATH="$(CURDIR)/$(BIN):$$PATH" tests/services/install

lint: $(INSTALLED) ## style, formatting, types and layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(INSTALLED) ## put the code into the house's format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(INSTALLED) ## measure everything, into docs/: ARGS="--only collect,fleet --quick"
	@$(BIN)/python -m benchmarks.suite $(ARGS)

clean: ## away with all that these commands made, but for the services
	rm -rf $(VENV) build dist ./*.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamp makes a second run instant; it is too old as soon as one of the files that say what to install has changed.
$(INSTALLED): setup.cfg pyproject.toml constraints.txt | $(BIN)/python
	@echo "Installing ctcollect and what it needs into $(VENV) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[analysis,test]'
	@touch $@

$(BIN)/python:
	@for python in $(PYTHONS); do \
	    "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
	    "$$python" -m venv --clear $(VENV) && exit 0; \
	    rm -rf $(VENV); echo "$$python can't make $(VENV): install its venv module (Debian: python3-venv)" >&2; exit 1; \
	done; \
	echo "ctcollect needs Python 3.11 or newer: install one, or name it: make PYTHONS=/path/to/python3" >&2; exit 1
