# Two commands: `make lab` opens the explainer, `make test` checks everything. Both set up .venv first, once.
# While working: `make quick` checks the mathematics and the front end's Python half, `make lint` reads the code.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PORT   ?= 8888

.PHONY: lab test lite-test browsers browsers-smoke lowest quick lint html slides lite site bench clean

lab: $(VENV)/.lab
	$(BIN)/python -m fmspace_nb lab --port $(PORT)

html slides lite: $(VENV)/.lab
	$(BIN)/python -m fmspace_nb $@ --out site

# The browser lab first: pages link to it where it is.
site: $(VENV)/.lab
	$(BIN)/python -m fmspace_nb lite --out site
	$(BIN)/python -m fmspace_nb html --out site
	$(BIN)/python -m fmspace_nb slides --out site

test: $(VENV)/.test
	$(BIN)/python -m pytest -n 4 --dist loadscope --durations=25

# Every page and deck in Firefox and WebKit, beside Chromium, and the browser lab; says what is not here.
browsers: $(VENV)/.test
	@tests/tools/engines
	$(BIN)/python -m pytest tests/engines tests/browser/test_lite_lab.py -rs

# One chapter's page and deck in each: a minute.
browsers-smoke: $(VENV)/.test
	@tests/tools/engines
	$(BIN)/python -m pytest tests/engines -k "file_is and 03_spike" -rs

# The mathematics and the explorers in Pyodide; says why where no Pyodide is to be had.
lite-test: $(VENV)/.test
	$(BIN)/python tests/tools/lite_test.py

# The lower bounds of pyproject.toml, in an environment of their own, which uv resolves.
lowest:
	$(PYTHON) -m venv --clear $(VENV)-lowest
	$(VENV)-lowest/bin/pip install --quiet uv
	$(VENV)-lowest/bin/uv pip install --quiet --python $(VENV)-lowest/bin/python --resolution lowest-direct -e '.[test]'
	$(VENV)-lowest/bin/python -m pytest tests/explorer tests/numerics \
	  $(patsubst %,tests/publish/test_%.py,site exporters run page deck) $(patsubst %,tests/browser/test_%.py,lab pages_from_lab)

quick: $(VENV)/.test
	$(BIN)/python -m pytest -n 2 -m "not browser and not slow" $(patsubst %,--ignore tests/%,browser publish)

lint: $(VENV)/.test
	$(BIN)/python -m ruff check
	$(BIN)/python tests/tools/check_javascript.py

# BASELINE=write keeps the ratios of this run as the next baseline.
bench: $(VENV)/.test
	$(BIN)/python -m pytest tests/benchmarks --benchmark-enable -s

# uv where it is present (seconds), pip otherwise; a stamp newer than pyproject.toml means there is nothing to do.
$(VENV)/.lab: pyproject.toml
	@tests/tools/setup $(PYTHON) $(VENV) .
	@touch $@

$(VENV)/.test: pyproject.toml
	@tests/tools/setup $(PYTHON) $(VENV) '.[test]'
	@tests/tools/chromium
	@touch $@ $(VENV)/.lab

clean:
	rm -rf $(VENV) site
