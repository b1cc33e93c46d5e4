# The commands of this project. `make` alone lists them.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
export XDG_RUNTIME_DIR ?= /tmp

.PHONY: help demo demo-check test quick check bench soak fix journeys messages docs chromium dcmtk

help:  ## list these commands
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

demo: .venv/run.done messages-compiled  ## build the demonstration province, replay its input, serve it (MESSAGES=DIR replays real messages as well)
	$(BIN)/lienthong demo $(if $(MESSAGES),--messages $(MESSAGES))

demo-check: .venv/run.done messages-compiled  ## the same without serving on; fails if a number is not what the input implies
	$(BIN)/lienthong demo --check $(if $(MESSAGES),--messages $(MESSAGES))

test: .venv/test.done messages-compiled chromium dcmtk check  ## everything: lint, types, contracts, unit, property, database and browser tests
	$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder

quick: .venv/test.done messages-compiled  ## unit tests only, under a minute
	$(BIN)/python -m pytest tests/unit src/lienthong/metrology

journeys: .venv/test.done messages-compiled chromium  ## browser tests only
	$(BIN)/python -m pytest tests/journeys

check: .venv/test.done  ## lint, types and the house's contracts; changes nothing
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: .venv/bench.done  ## speed beside other programs, as ratios (ONLY="control-rules mllp …", MINUTES= of mllp-memory; half an hour)
	@mkdir -p .data; $(BIN)/python -m bench $(ONLY)

soak: .venv/run.done  ## 500 messages a second for an hour (MINUTES=60): memory and backlog stay flat
	@mkdir -p .data; $(BIN)/python -m bench.mllp $(or $(MINUTES),60)

fix: .venv/test.done  ## mend what the linter can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

messages: .venv/test.done  ## collect the texts of pages and code into the catalogues
	$(BIN)/python tools/messages.py collect

docs: .venv/run.done  ## draw the pictures of docs
	$(BIN)/python -m tools.pictures

.PHONY: messages-compiled
messages-compiled: .venv/run.done
	@$(BIN)/python tools/messages.py compile

chromium:
	@{ command -v chromium && command -v pdftoppm; } >/dev/null || { echo "installing chromium and poppler-utils (Debian)"; apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium poppler-utils fonts-noto-core fonts-noto-cjk >/dev/null; }

dcmtk:
	@command -v storescu >/dev/null || { echo "installing dcmtk (Debian)"; apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq dcmtk >/dev/null; }

.venv/bin/python:
	@echo "making .venv with $(PYTHON)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Lienthong needs Python 3.11 or newer; set PYTHON=")'
	@$(PYTHON) -m venv .venv

.venv/run.done: requirements/run.txt pyproject.toml | .venv/bin/python
	@echo "installing what runs (locked)"
	@$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements/run.txt
	@$(BIN)/pip install -q --disable-pip-version-check --no-deps -e .
	@touch $@

.venv/test.done: requirements/test.txt .venv/run.done
	@echo "installing what tests (locked)"
	@$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements/test.txt
	@touch $@

.venv/bench.done: requirements/bench.txt .venv/run.done
	@echo "installing what is measured beside (locked)"
	@$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements/bench.txt
	@touch $@
