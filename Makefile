# Strongroom: `make run` starts the window, `make test` runs every check. Both install what is missing first.

PYTHON ?= python3
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help run test check bench soak screenshots format texts lock clean

help:
	@sed -n 's/^## //p' $(MAKEFILE_LIST)

## make run     set up what is missing and start the window (a tour with screenshots where there is no display)
run:
	@$(PYTHON) packaging/start.py

## make test    set up what is missing and run every check: ruff, mypy, import contracts, tests
test:
	@$(PYTHON) packaging/prepare.py test
	@$(MAKE) --no-print-directory check

## make check   the same checks without looking at the set-up
check:
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest

## make bench   measure the vault against raw SQLCipher and bare AES-GCM
bench:
	@$(PYTHON) packaging/prepare.py test
	$(BIN)/python -m tests.benchmarks

## make soak    the tests that take long on purpose
soak:
	@$(PYTHON) packaging/prepare.py test
	$(BIN)/python -m pytest -m soak --timeout=0

## make screenshots  take the pictures of the documentation again: every page, light and dark
screenshots:
	@$(PYTHON) packaging/prepare.py run
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m ui.tour --album docs/images

## make format  let ruff write what it can decide alone
format:
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

## make texts   collect the texts for translators and compile the catalogues
texts:
	$(BIN)/python packaging/texts.py

## make lock    pin the newest versions that pyproject.toml allows, with hashes
lock:
	@$(PYTHON) packaging/prepare.py lock

## make clean   remove what was built; .venv goes with it
clean:
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
