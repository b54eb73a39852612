# run and test are the README's two commands; each sets up what it needs in .venv, from the pinned set.
PYTHON ?= python3
BIN := .venv/bin
JOURNAL = .run/$(shell date -u +%Y%m%dT%H%M%S)/journal.db

.PHONY: run test campaign bench check format generate picture lock

run: .venv/installed
	@journal=$(JOURNAL); mkdir -p .run && mkdir -m 700 "$$(dirname $$journal)"; \
	$(BIN)/orchestrate run configs/plans/quickstart.yaml --journal $$journal --report "$$(dirname $$journal)/report.json"; \
	code=$$?; \
	printf '\nThe report: %s\nRun it again, and nobody is dialed twice:\n  %s\n' "$$(dirname $$journal)/report.json" \
	  "$(BIN)/orchestrate run configs/plans/quickstart.yaml --journal $$journal"; \
	exit $$code

test: .venv/installed .venv/shells .venv/browser
	$(BIN)/pytest -q -m "not campaign" -n auto --dist loadfile --no-loadscope-reorder

# The full sizes that CI has no time for; the tables they print are committed.
campaign: .venv/installed .venv/office
	$(BIN)/pytest -q -m campaign

# Side by side with others; the pace against a sliding window; a million calls resumed (benchmarks/README.md).
bench: .venv/installed
	$(BIN)/python benchmarks/bench.py --write
	$(BIN)/python benchmarks/pace.py --write
	$(BIN)/python benchmarks/resume_million.py --write

check: .venv/installed
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python benchmarks/house.py

format: .venv/installed
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# schemas/, docs/reference/ and share/ are derived from the tables and commands; a test fails while they are stale.
generate: .venv/installed
	$(BIN)/python -m orchestrator.app.generate
	$(BIN)/python -m orchestrator.cli.shared_data

# The picture of docs/how-to/reports.md, as the browser shows the page.
picture: .venv/installed .venv/browser
	PYTHONPATH=tests $(BIN)/python -m acceptance.report_picture

# The pinned set, with hashes, for the oldest Python that we support. Needs pip-tools.
lock:
	$(PYTHON) -m piptools compile --extra dev --generate-hashes --strip-extras --allow-unsafe --quiet \
	  --no-emit-index-url --no-emit-find-links --no-emit-trusted-host -o requirements/dev.txt pyproject.toml

.venv/installed: requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "orchestrate needs Python 3.11 or newer: make $(MAKECMDGOALS) PYTHON=python3.11"; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

# The shells whose completion is tested, and what reads the man page; without the right to install them those that are here are.
.venv/shells: .venv/installed
	@command -v zsh >/dev/null && command -v fish >/dev/null && command -v groff >/dev/null || [ "$$(id -u)" != 0 ] || ! command -v apt-get >/dev/null || \
	  { apt-get -qq update && apt-get -qq -y install zsh fish groff >/dev/null; } || echo "zsh, fish and groff could not be installed"
	@touch $@

# The spreadsheet that opens our CSV in the campaign: half a gigabyte.
.venv/office: .venv/installed
	@command -v soffice >/dev/null || [ "$$(id -u)" != 0 ] || ! command -v apt-get >/dev/null || \
	  { apt-get -qq update && apt-get -qq -y install --no-install-recommends libreoffice-calc-nogui >/dev/null; } || echo "LibreOffice could not be installed"
	@touch $@

# The browser that opens our pages; playwright, which drives it, is in the pinned set.
.venv/browser: .venv/installed
	@command -v chromium >/dev/null || command -v google-chrome >/dev/null || [ "$$(id -u)" != 0 ] || ! command -v apt-get >/dev/null || \
	  { apt-get -qq update && apt-get -qq -y install --no-install-recommends chromium fonts-dejavu-core >/dev/null; } || echo "Chromium could not be installed"
	@touch $@
