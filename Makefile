# Each target sets up .venv by itself. `make demo` and `make test` are all that a newcomer needs.
PYTHON ?= python3
BIN := .venv/bin
FROZEN := --instances 4 --controls 1 --healthy 520 --minutes 60
ADDED := --instances 4 --controls 1 --healthy 150 --minutes 30

.PHONY: demo check test bench clinic docs clean

.venv/.ready: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit("Understudy needs Python 3.11 or later; try: make PYTHON=python3.12") if sys.version_info < (3, 11) else 0'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[test]'
	touch $@

demo: .venv/.ready
	$(BIN)/understudy train --config recipes/demo.toml --out runs/demo-$$(date +%Y%m%d-%H%M%S)

check: .venv/.ready
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/python docs/generate.py --check

test: .venv/.ready
	OMP_NUM_THREADS=1 $(BIN)/pytest -n 2 --dist worksteal

bench: .venv/.ready
	$(BIN)/python benchmarks/startup.py
	$(BIN)/python benchmarks/loop_overhead.py
	$(BIN)/python benchmarks/precision.py
	$(BIN)/python benchmarks/choices.py
	$(BIN)/python benchmarks/numpy_ratio.py
	$(BIN)/python benchmarks/recipes.py

clinic: .venv/.ready
	OMP_NUM_THREADS=1 $(BIN)/python -m benchmarks.clinic frozen $(FROZEN)
	OMP_NUM_THREADS=1 $(BIN)/python -m benchmarks.clinic frozen --added $(ADDED)
	OMP_NUM_THREADS=1 $(BIN)/python -m benchmarks.clinic.cures frozen --minutes 60 --keep
	OMP_NUM_THREADS=1 $(BIN)/python benchmarks/doctor_overhead.py --keep

docs: .venv/.ready
	$(BIN)/python docs/generate.py

clean:
	rm -rf .venv
