# Everything runs in .venv, made on first use. `make` lists the targets.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CONSTRAINTS := -c constraints.txt

.PHONY: help run test check format lint types fast doctest docs fingerprints picture speed wheel clean

help: ## list the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1|\2/' | column -t -s '|'

$(VENV)/.installed-run: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check $(CONSTRAINTS) -e .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed-run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check $(CONSTRAINTS) -e '.[dev]'
	@touch $@

$(VENV)/.installed-speed: $(VENV)/.installed-run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check $(CONSTRAINTS) -e '.[speed]'
	@touch $@

run: $(VENV)/.installed-run ## the main job: audit replica, rule scores, regimes, report.html
	$(BIN)/casegauge run

test: $(VENV)/.installed-dev ## every test, the slow ones too
	$(BIN)/python -m pytest -q -n 2 --doctest-modules synth checks benchmarks casegauge_pytest.py
	$(BIN)/python -m pytest -n 2 --dist worksteal

check: format lint types fast doctest ## what must be green before a review

format: $(VENV)/.installed-dev
	$(BIN)/ruff format --check .

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .

types: $(VENV)/.installed-dev
	$(BIN)/mypy

fast: $(VENV)/.installed-dev
	$(BIN)/python -m pytest -n 2 --dist worksteal -m "not slow" -q

doctest: $(VENV)/.installed-dev
	$(BIN)/python -m pytest -q -n 2 --doctest-modules synth checks benchmarks casegauge_pytest.py

docs: $(VENV)/.installed-dev ## make the generated pages again
	$(BIN)/python docs/generate.py

fingerprints: $(VENV)/.installed-dev ## pin what every scenario generates; records change for everybody who kept a seed
	$(BIN)/python tests/fingerprints.py

picture: $(VENV)/.installed-run ## make the README's picture again
	$(BIN)/python docs/picture.py

speed: $(VENV)/.installed-speed ## measure speed side by side with peers and the physical limit
	$(BIN)/python -m benchmarks.speed

wheel: $(VENV)/.installed-dev
	$(BIN)/python -m pip wheel --quiet --no-deps -w dist .

clean: ## remove what was installed and written
	rm -rf $(VENV) build dist *.egg-info casegauge-out*
