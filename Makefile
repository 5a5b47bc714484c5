# `make run` and `make test` work on a bare machine: Python 3.11 or newer and a package index are all they need.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready

.PHONY: run test test-all test-fast lint types check bench terminal-bench screenshots snapshots notebook notes doctor-score package clean

run: $(READY)
	@if [ -t 0 ] && [ -t 1 ]; then exec $(BIN)/nnterm; else exec $(BIN)/nnterm demo; fi

# Bytecode is kept whatever the environment says: pytest takes 12 s a worker to rewrite the tests' assertions anew.
PYTEST := env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m pytest -n auto --dist worksteal

test: $(READY)
	$(PYTEST) $(ARGS)

# All random networks and 300 damaged run folders, with a fresh seed that is printed; `make test` draws a part of them,
# the same ones each time.
test-all: $(READY)
	$(PYTEST) --all $(ARGS)

# What starts no processes and no apps.
test-fast: $(READY)
	$(PYTEST) --units $(ARGS)

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: $(READY)
	$(BIN)/mypy

check: lint types test

# Bytes that the app sends to its terminal while it watches a training, and its answers to keys; five minutes.
terminal-bench: $(READY)
	$(BIN)/python -m tests.terminal_bench $(ARGS)

bench: $(READY) $(VENV)/.bench
	$(BIN)/nnterm bench $(ARGS)

screenshots: $(READY)
	$(BIN)/python -m tests.screenshots screenshots

# Writes tests/tui/snapshots/expected anew; `git diff` shows what a change does to the screens.
snapshots: $(READY)
	$(BIN)/python -m tests.tui.snapshots.take

# Runs the notebook and writes its outputs into it.
notebook: $(READY)
	$(BIN)/python -m tests.docs.notebook docs/pytorch_autograd.ipynb

# Trains what docs/architecture_notes.md tells of and what docs/diagnosis.md shows, and writes both, some
# minutes; then docs/experiment.md, docs/api.md and docs/json.md from the docstrings.
notes: $(READY)
	$(BIN)/python -m tests.docs.architecture_notes
	$(BIN)/python -m tests.docs.diagnosis_page $(ARGS)
	$(BIN)/python -m tests.docs.experiment_page
	$(BIN)/python -m tests.docs.api_page
	$(BIN)/python -m tests.docs.json_page

# How many planted faults the doctor finds, how often it alarms for nothing, how often its fix works.
doctor-score: $(READY)
	$(BIN)/python -m tests.doctor_score $(ARGS)

# The archives of a release, in dist/: built, then tried in an empty environment without PyTorch and with it.
package: $(READY)
	$(BIN)/python -m tests.package_check

# Stale when what it is made from is newer, when its Python is gone, or when the folder was moved.
ifneq ($(shell $(BIN)/python -c 'import sys; print(sys.prefix)' 2>/dev/null),$(CURDIR)/$(VENV))
.PHONY: $(READY)
endif

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "nnterm needs Python 3.11 or newer; name one: make run PYTHON=python3.12" >&2; exit 2; }
	@[ "$$($(BIN)/python -c 'import sys; print(sys.prefix)' 2>/dev/null)" = "$(CURDIR)/$(VENV)" ] || \
	  $(PYTHON) -m venv --clear $(VENV)
	@echo "installing what nnterm needs into $(VENV) (PyTorch is large: this takes a while, once)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

$(VENV)/.bench: $(READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[bench]'
	@touch $@

clean:
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .ruff_cache .mypy_cache .hypothesis .import_linter_cache
