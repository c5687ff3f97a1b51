# Everything that is done with this project, in words. Only Python 3.11+ and make are assumed.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DATA ?= complete-journey
OUT ?= reports
# EXTRAS=all: no test may be skipped for a missing extra.
EXTRAS ?=
# Processes that run the tests.
JOBS ?= 2
EVERY_EXTRA := samples,postgres,tune,explain,deep,dev
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

.PHONY: help setup report gallery test coverage lab notebooks export bench attack demo-shop lint clean

help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(BIN)/python:
	$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11) and 'segrec needs Python 3.11 or newer: make PYTHON=python3.11 ...')"
	$(PYTHON) -m venv $(VENV)

$(VENV)/.samples: settings.ini setup.py constraints.txt | $(BIN)/python
	$(PIP) --editable ".[samples]"
	@touch $@

$(VENV)/.dev: settings.ini setup.py constraints.txt | $(BIN)/python
	$(PIP) --editable ".[$(EVERY_EXTRA)]"
	@touch $@ $(VENV)/.samples

setup: $(VENV)/.samples  ## make .venv and install segrec with the sample data

report: $(VENV)/.samples  ## a grocer's year as segments, recommendations and pages
	$(BIN)/segrec report all --data $(DATA) --out $(OUT)

gallery: report  ## the small pictures that the README shows, from a new report
	$(BIN)/python .ci/gallery.py $(OUT)

test: $(VENV)/.dev  ## all tests (EXTRAS=all: none may be skipped)
	SEGREC_FORBID_SKIPS=$(if $(filter all,$(EXTRAS)),extras,) $(BIN)/python -m pytest --numprocesses $(JOBS) --dist loadgroup $(COVERAGE)

coverage: COVERAGE := --cov --cov-report=term-missing:skip-covered
coverage: test  ## all tests, and the lines that none of them reaches (takes a third longer)

lint: $(VENV)/.dev  ## ruff and mypy
	$(BIN)/ruff check segrec tests setup.py .ci
	$(BIN)/mypy

lab: $(VENV)/.dev  ## JupyterLab on the notebooks
	$(BIN)/jupyter lab nbs

export: $(VENV)/.dev  ## write segrec/ from nbs/ and data/
	$(BIN)/python .ci/export.py

notebooks: export  ## run every notebook in place, export, clean
	$(BIN)/python .ci/notebooks.py nbs
	$(BIN)/python .ci/export.py
	$(BIN)/nbdev_clean

bench: export  ## run the benchmarks; their numbers go to reports/benchmarks
	$(BIN)/python .ci/notebooks.py nbs/benchmarks
	$(BIN)/nbdev_clean

attack: $(VENV)/.dev  ## many tries of each attack (hours); their figures go to reports/benchmarks/attack
	PYTHONPATH=tests $(BIN)/python -m attacks reports/benchmarks/attack $(SHARE)

demo-shop: export  ## simulate the demo shop anew into data/
	$(BIN)/python .ci/demo_shop.py
	$(BIN)/python .ci/export.py

clean:  ## remove what was made: environment, reports, caches
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage
	test ! -d reports || find reports -mindepth 1 -maxdepth 1 ! -name gallery -exec rm -rf {} +
	find . -name __pycache__ -prune -exec rm -rf {} +
