# Everything a person or a robot does with Oko. Needs Python 3.11 or later and make; everything else is fetched by pip.

PYTHON ?= python3
PORT ?= 8765
VENV := .venv
BIN := $(VENV)/bin
TESTS ?= tests
# Tests keep their embedded PostgreSQL apart from yours and from the demo's.
TEST_STATE := var/tests
# As many tests at once as there are cores, but not so many that the test databases run out of connections.
AT_ONCE ?= -n logical --maxprocesses 4
# Translations are collected from the folder of the package, so that their files hold no paths of a machine;
# no database is started for that.
DJANGO_FROM_SRC := DATABASE_URL=postgresql:///unused OKO_STATE=$(abspath $(TEST_STATE)) \
  DJANGO_SETTINGS_MODULE=oko.cabinet.site.settings $(abspath $(BIN))/python -m django

.PHONY: help install install-dev demo test test-postgres15 test-cluster check format messages access-docs requirements chromium java clean

help:
	@echo "make install            build .venv with the oko command"
	@echo "make demo [PORT=8765]   a region with an assessment half-way, at http://127.0.0.1:8765/"
	@echo "make test               all checks and all tests"
	@echo "make test-postgres15    what depends on the database once more, against PostgreSQL 15"
	@echo "make test-cluster       the same counts on Spark and on DuckDB"
	@echo "make check              style, types, layers, migrations"
	@echo "make format             put the style right"
	@echo "make messages           collect the texts of the interface anew and compile their translation"
	@echo "make access-docs        write down anew who may do what, after rules were changed"
	@echo "make requirements       pin the requirements anew"

install: $(VENV)/.installed

install-dev: $(VENV)/.installed-dev

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Нужен Python 3.11 или новее; «$(PYTHON)» не подходит. Укажите другой: make install PYTHON=python3.12"; \
	  echo "Oko needs Python 3.11 or later; '$(PYTHON)' will not do. Name another: make install PYTHON=python3.12"; \
	  exit 1; }
	@$(PYTHON) -m venv --clear $(VENV) || { \
	  echo "Не удалось создать .venv. В Debian и Ubuntu поможет: apt install python3-venv"; \
	  echo "Could not build .venv. On Debian and Ubuntu: apt install python3-venv"; \
	  exit 1; }
	@touch $@

$(VENV)/.installed: $(VENV)/.made requirements/base.txt pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/base.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@

demo: install
	@$(BIN)/oko demo --port $(PORT) --end-with-parent

check: install-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	OKO_STATE=$(TEST_STATE) DJANGO_SETTINGS_MODULE=oko.cabinet.site.settings $(BIN)/python -m django check
	OKO_STATE=$(TEST_STATE) DJANGO_SETTINGS_MODULE=oko.cabinet.site.settings $(BIN)/python -m django makemigrations --check --dry-run

test: check
	@if $(MAKE) --no-print-directory chromium; then \
	  OKO_STATE=$(TEST_STATE) $(BIN)/pytest $(AT_ONCE) $(TESTS); \
	else \
	  OKO_STATE=$(TEST_STATE) $(BIN)/pytest $(AT_ONCE) $(TESTS) -m "not browser and not cluster" && \
	  echo "!!! БЕЗ ТЕСТОВ В БРАУЗЕРЕ: Chromium не найден. / BROWSER TESTS LEFT OUT: no Chromium. !!!"; \
	fi

# Debian's Chromium for the browser tests, installed when it is absent and we may.
chromium:
	@command -v chromium >/dev/null || { \
	  [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && \
	  apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends chromium; \
	} || { \
	  echo "!!! Chromium не найден и не может быть установлен: тесты в браузере пропускаются."; \
	  echo "!!! No Chromium, and it cannot be installed: browser tests are left out."; \
	  exit 1; }

# Everything that depends on the database, on the lowest version supported. Left out is what `make test` has already
# said for every server: engines, journeys, and tests marked `once` (docs/architecture.md, «How it is tested»).
test-postgres15: install-dev
	.ci/with-postgres15 $(BIN)/pytest $(AT_ONCE) tests/cabinet -m "not browser and not cluster and not once" --create-db

# Spark comes as source only, and is built with the tools that are installed already.
$(VENV)/.installed-cluster: $(VENV)/.installed-dev requirements/cluster.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-build-isolation \
	  -r requirements/cluster.txt
	@touch $@

test-cluster: $(VENV)/.installed-cluster java
	OKO_STATE=$(TEST_STATE) $(BIN)/pytest tests/engines/statistics -m cluster

# Debian's Java for Spark, installed when it is absent and we may.
java:
	@command -v java >/dev/null || { \
	  [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && \
	  apt-get -qq update && \
	  DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends default-jre-headless; \
	} || { \
	  echo "!!! Java не найдена и не может быть установлена; она нужна Spark."; \
	  echo "!!! No Java, which Spark needs, and it cannot be installed."; \
	  exit 1; }

format: install-dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# The compiled catalogue is committed too, so only those who change texts need GNU gettext.
messages: install
	@command -v xgettext >/dev/null && command -v msgmerge >/dev/null && command -v msgfmt >/dev/null || { \
	  echo "Нет GNU gettext: он нужен, чтобы собрать переводы. В Debian и Ubuntu поможет: apt install gettext"; \
	  echo "No GNU gettext, which collects translations. On Debian and Ubuntu: apt install gettext"; \
	  exit 1; }
	cd src/oko && $(DJANGO_FROM_SRC) makemessages --locale en --no-location --no-obsolete
	cd src/oko && $(DJANGO_FROM_SRC) compilemessages --locale en

# Who may do what: the rules as a page, and the answers that the tests expect.
access-docs: install-dev
	$(DJANGO_FROM_SRC) rulebook > docs/access.md
	OKO_STATE=$(TEST_STATE) OKO_WRITE_MATRIX=1 $(BIN)/pytest -q tests/cabinet/matrix/test_documents.py

requirements: install-dev
	@for set in base dev cluster training; do \
	  $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	    --no-emit-index-url --no-emit-find-links --custom-compile-command "make requirements" \
	    requirements/$$set.in --output-file requirements/$$set.txt || exit 1; \
	done

clean:
	rm -rf $(VENV) var
