# Two commands are all the set-up there is: `make demo` shows letters, `make test` passes the tests.
# AIRFLOW=3.2.2 (or another version named in constraints/) does the same with that Airflow; types are checked, and the
# proofs run, with the newest one only.

AIRFLOW ?= 3.3.2
VENV    ?= .venv/airflow-$(AIRFLOW)
BIN     := $(VENV)/bin
TESTS   ?= tests
SOURCES := airflow_provider_print benchmarks dags_examples proofs tests tools
SEED    ?= 1
LETTERS ?= 1000

.PHONY: help setup demo sandbox test pytest lint matrix model mutations chaos chaos-airflow
.PHONY: bench bench-celery conformance fuzz screenshots bench-sandbox format files wheel clean

help:
	@echo "make demo      run the main job in real Airflow against the sandbox, and look at the letters"
	@echo "make test      linter, formatter, type checker, all tests"
	@echo "make sandbox   leave the sandbox running at http://127.0.0.1:8631"
	@echo "make matrix    the tests on every Airflow version in constraints/ (takes a while)"
	@echo "make model     try every interleaving of the paid step in a model of the world (below 45 minutes)"
	@echo "make mutations the second part of it: one safeguard less at a time, which the model must notice"
	@echo "make chaos     kill and freeze real tasks while they post 1,000 letters (SEED=1 LETTERS=1000)"
	@echo "make chaos-airflow  the same under a real scheduler with PostgreSQL (below 30 minutes)"
	@echo "make conformance    what the sandbox claims, each claim with its test, and public clients of both services (npm)"
	@echo "make fuzz      40,000 generated requests against the sandbox and its OpenAPI documents"
	@echo "make screenshots    drive the outbox in a real browser and take its pictures (chromium)"
	@echo "make bench     measure everything beside what others take (within 60 minutes on an idle machine)"
	@echo "make bench-celery   200 mapped letters by two Celery workers (Redis and PostgreSQL needed)"
	@echo "make bench-sandbox  how fast the sandbox splits, reads, lists and takes a large run"
	@echo "make format    let the formatter rewrite what the linter would complain about"
	@echo "make files     draw the example files anew"

setup: $(VENV)/.ready

$(VENV)/.ready: setup.cfg constraints/airflow-$(AIRFLOW).txt tools/venv.sh
	@sh tools/venv.sh $(VENV) constraints/airflow-$(AIRFLOW).txt
	@touch $@

demo: setup
	@$(BIN)/python -m tools.demo

sandbox: setup
	@$(BIN)/print-sandbox serve

lint: setup
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/mypy

test: lint pytest

pytest: setup
	$(BIN)/python -m pytest $(TESTS)

matrix:
	@for list in constraints/airflow-*.txt; do \
	  version=$${list#constraints/airflow-}; \
	  case $${version%.txt} in $(AIRFLOW)) tests=tests;; *) tests="tests --ignore=tests/proofs";; esac; \
	  $(MAKE) AIRFLOW=$${version%.txt} TESTS="$$tests" pytest || exit 1; \
	done

model: setup
	$(BIN)/python -m proofs.model
	$(BIN)/python -m proofs.mutations

mutations: setup
	$(BIN)/python -m proofs.mutations

chaos: setup
	$(BIN)/python -m proofs.chaos --seed $(SEED) --letters $(LETTERS)

chaos-airflow: $(VENV)/.proofs
	$(BIN)/python -m proofs.chaos_airflow --seed $(SEED)

conformance: $(VENV)/.proofs
	$(BIN)/python -m proofs.conformance

fuzz: $(VENV)/.proofs
	$(BIN)/python -m proofs.fuzz --seed $(SEED)

screenshots: $(VENV)/.proofs
	$(BIN)/python -m proofs.outbox

bench: $(VENV)/.proofs
	$(BIN)/python -m benchmarks

bench-celery: $(VENV)/.proofs
	$(BIN)/python -m benchmarks.celery

bench-sandbox: setup
	$(BIN)/python -m benchmarks.sandbox

$(VENV)/.proofs: $(VENV)/.ready
	@$(BIN)/python -m pip install -qq --disable-pip-version-check -c constraints/airflow-$(AIRFLOW).txt -e '.[proofs]'
	@touch $@

format: setup
	$(BIN)/ruff check --fix $(SOURCES)
	$(BIN)/ruff format $(SOURCES)

files: setup
	$(BIN)/python dags_examples/make_files.py

wheel: setup
	$(BIN)/python -m pip wheel --no-deps --wheel-dir dist .

clean:
	rm -rf .venv .demo build dist demo-output *.egg-info
