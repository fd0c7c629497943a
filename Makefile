# Two commands: "make demo" and "make test". Each makes the environment it needs.
PYTHON ?= python3
CORES ?= all
VENV := .venv
BIN := $(VENV)/bin
RESULTS := results
REPORT := $(RESULTS)/report.html

.PHONY: demo test test-long test-slow test-extra report weights lint clean
.PHONY: bench bench-network bench-loader bench-writer bench-compression bench-scale

demo: $(VENV)/complete
	$(BIN)/python workflow/start.py --cores $(CORES) -- all paper
	@$(MAKE) --no-print-directory $(REPORT)
	@echo
	@echo "stores:   $(RESULTS)/synthetic/*/*/kspace.zarr"
	@echo "summary:  $(RESULTS)/tables/summary.csv"
	@echo "paper:    $(RESULTS)/tables/table*.md and $(RESULTS)/figures/figure*"
	@echo "report:   $(REPORT)"

report: $(REPORT)

# Of another size: make report CONFIG=config/small.yaml RESULTS=results/small
CONFIG ?=
# What is asked for by name is in the report once the last of its files is there.
TABLED := table1 table2 table3 tableA1 tableA2 tableA3
DRAWN := figure2 figure3 phase_quality sampling_steps
REPORTED = $(if $(wildcard $(RESULTS)/figures/contact_sheet_*),all) \
  $(foreach name,$(TABLED),$(if $(wildcard $(RESULTS)/tables/$(name)*.md),$(name))) \
  $(foreach name,$(DRAWN),$(if $(wildcard $(RESULTS)/figures/$(name)*),$(name)))

# Made in another folder, so that a report cut short is never taken for good.
$(RESULTS)/report.html $(RESULTS)/report.zip: $(RESULTS)/tables/summary.csv $(wildcard $(RESULTS)/figures/* $(RESULTS)/tables/*)
	@mkdir -p $(RESULTS)/unfinished
	$(BIN)/python workflow/start.py --report $(RESULTS)/unfinished/$(@F) \
	  $(if $(CONFIG),--configfile $(CONFIG)) -- $(REPORTED)
	@mv $(RESULTS)/unfinished/$(@F) $@
	@rmdir $(RESULTS)/unfinished

# Files of tests at a time; what they start has threads of its own.
WORKERS ?= 2
test: $(VENV)/tested lint
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile

# Independent tools that some tests compare with, where Debian's packages can be had; without
# them those tests are left out.
.PHONY: tools
tools:
	apt-get install -y -q bart ismrmrd-tools

# What takes a minute or more: every table of the paper in small, faults and kills in the middle of a
# run, real files, every command of the documents.
test-long: $(VENV)/tested
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile -m 'long and not slow and not extra'

# What takes too long for every change: kills at many moments.
test-slow: $(VENV)/tested
	$(BIN)/python -m pytest -m slow

# The report in a browser, its tables through LaTeX: what needs more than Python packages.
test-extra: $(VENV)/tested tools browser latex
	$(BIN)/python -m pytest -m extra

# Debian's Chromium, and what drives it.
.PHONY: browser
browser: $(VENV)/tested
	apt-get update -q
	apt-get install -y -q chromium
	$(BIN)/python -m pip install --disable-pip-version-check -q -c requirements.lock -e .[extra]

.PHONY: latex
latex:
	apt-get update -q
	apt-get install -y -q --no-install-recommends texlive-latex-recommended texlive-latex-extra

# Snakemake's executor for SLURM, see docs/cluster.md.
.PHONY: slurm
slurm: $(VENV)/complete
	$(BIN)/python -m pip install --disable-pip-version-check -q -c requirements.lock -e .[slurm]

# On a real SLURM of one node, which is installed through apt-get by root and stopped afterwards.
.PHONY: test-slurm
test-slurm: $(VENV)/tested slurm
	$(BIN)/python -m pytest -m slurm tests/slurm

# What reads stores from a bucket, and Snakemake's plugin for it, see docs/objects.md.
.PHONY: s3
s3: $(VENV)/complete
	$(BIN)/python -m pip install --disable-pip-version-check -q -c requirements.lock -e .[s3]

# Against a server on this machine.
.PHONY: test-objects
test-objects: $(VENV)/tested s3
	$(BIN)/python -m pip install --disable-pip-version-check -q -c requirements.lock -e .[s3-test]
	$(BIN)/python -m pytest -m objects tests/objects

# The shipped phase model from nothing: simulate, train, measure, write its card.
WEIGHTS := resources/weights
TRAINED := results/weights
weights: $(VENV)/complete
	$(BIN)/python workflow/start.py --configfile config/weights.yaml --cores 2 -- model_card
	mkdir -p $(WEIGHTS)
	cp $(TRAINED)/phase_models/phasegen/model.safetensors $(WEIGHTS)/phasegen.safetensors
	cp $(TRAINED)/tables/model_card.md $(WEIGHTS)/README.md
	cp $(TRAINED)/tables/phase_quality_*.csv $(WEIGHTS)/

# What is said in docs/evidence, from nothing, the phase model that is shipped among it: hours
# on 2 cores, not timed as a whole. With the model as shipped: snakemake --configfile config/small.yaml --cores 2 paper
EVIDENCE := docs/evidence
SMALL := results/small
.PHONY: evidence
evidence: $(VENV)/complete weights
	$(BIN)/python workflow/start.py --configfile config/small.yaml --cores 2 -- paper record
	cp $(SMALL)/tables/*_simulated-test* $(SMALL)/figures/*_simulated-test* $(EVIDENCE)/
	cp $(SMALL)/tables/tableA*.csv $(SMALL)/tables/tableA*.md $(SMALL)/tables/benchmarks.csv $(EVIDENCE)/
	cp $(SMALL)/run_record/ro-crate-metadata.json $(EVIDENCE)/
	cp $(SMALL)/raters/simulated-test/consensus/raters.csv $(EVIDENCE)/raters_simulated-test.csv
	for arm in none naive phasegen original; do \
	  cp $(SMALL)/skull_strip/$$arm/chosen.json $(EVIDENCE)/chosen_$$arm.json; done

# The same networks on real raw data, which must lie in data/ulf.
.PHONY: evidence-ulf
evidence-ulf: evidence
	$(BIN)/python workflow/start.py --configfile config/small.yaml config/ulf.yaml --cores 2 -- table1 table2 table3
	# No pictures: they would show patients.
	cp $(SMALL)/tables/*_ulf* $(EVIDENCE)/
	cp $(SMALL)/raters/ulf/consensus/raters.csv $(EVIDENCE)/raters_ulf.csv

# What is claimed of speed, each beside a named alternative in the same run.
BENCH := $(RESULTS)/bench
bench: bench-network bench-loader bench-writer bench-compression

# One evaluation of the network at the paper's size, against native complex convolutions.
bench-network: $(VENV)/complete
	$(BIN)/python -m benchmarks.network --out $(BENCH)/network.json

# Needs 7 GB below results/bench/data, kept for the next run until "make clean".
bench-loader: $(VENV)/complete
	$(BIN)/python -m benchmarks.loader --data $(BENCH)/data --out $(BENCH)/loader.json

bench-writer: $(VENV)/complete
	$(BIN)/python -m benchmarks.writer --data $(BENCH)/data --out $(BENCH)/writer.json

# Needs 3 GB likewise.
bench-compression: $(VENV)/complete
	$(BIN)/python -m benchmarks.compression --data $(BENCH)/data --out $(BENCH)/compression.json

# What docs/scale.md says: plans of up to ten million slices, a small conversion for the unit costs, and
# what both come to for a petabyte. Half an hour on 2 cores that do nothing else, up to 6 GiB.
bench-scale: $(VENV)/complete
	$(BIN)/python -m benchmarks.scale --data $(BENCH)/scale --out $(BENCH)/scale.csv
	$(BIN)/python -m benchmarks.units --data $(BENCH)/units --out $(BENCH)/units.csv
	$(BIN)/python -m benchmarks.petabyte --plans $(BENCH)/scale.csv --units $(BENCH)/units.csv --out $(BENCH)/petabyte.csv
	$(BIN)/python -m benchmarks.page --bench $(BENCH)

lint: $(VENV)/tested
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

# The mark is made last: an environment cut short is made anew.
$(VENV)/complete: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || \
	  { echo "error: $(PYTHON) is no Python 3.11 to 3.13; say: make PYTHON=python3.11 ..." >&2; exit 1; }
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --disable-pip-version-check --no-compile -q -c requirements.lock -e .
	# By all cores, where pip takes one. Some packages hold files for a newer Python, which fail.
	@$(BIN)/python -m compileall -qq -j 0 $(VENV)/lib || true
	@touch $@

# What only tests need on top of it.
$(VENV)/tested: $(VENV)/complete
	$(BIN)/python -m pip install --disable-pip-version-check -q -c requirements.lock -e .[test]
	# What it declares, torchvision, fails beside a CPU build of torch; its reader of data needs none of it.
	$(BIN)/python -m pip install --disable-pip-version-check -q -c requirements.lock --no-deps fastmri
	@touch $@

clean:
	rm -rf $(VENV) $(RESULTS) .snakemake

# New versions of everything that pyproject.toml allows; then run the tests.
.PHONY: lock
lock:
	$(PYTHON) -m venv --clear build/lock
	build/lock/bin/python -m pip install -q -e .[test,extra,slurm,s3,s3-test]
	build/lock/bin/python -m pip install -q --no-deps fastmri
	{ echo "# Every package of the environment, as tested. Made anew: make lock"; \
	  build/lock/bin/python -m pip list --format=freeze --exclude phasegen --exclude pip --exclude setuptools \
	  | sed 's/+cpu$$//'; } > requirements.lock
