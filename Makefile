# Every target does its own set-up; `make` alone lists them.
.PHONY: help install up test promises check bench chaos audit encoder fake-telegram fake-zalo fake-zalo-oa
.DEFAULT_GOAL := help

help:    ## show these targets
	@grep -hE '^[a-z-]+: .*##|^[a-z-]+:  *##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*##/\t/'

install: ## set up both environments (.venv and .venv-nlu); nothing is done twice
	@sh .ci/install

up: install  ## run everything on this machine: web chat, bots, scheduler, understanding
	@.venv/bin/tincay up

test: install  ## run all tests
	@.venv/bin/python -m pytest

promises: install ## run every test that keeps a promise of SECURITY.md
	@.venv/bin/python -m pytest `grep -oE 'tests/[a-z_/]+\.py::test_[a-z0-9_]+' SECURITY.md | sort -u`

check: install  ## formatter, linters, types, direction of imports
	@sh .ci/check

bench: install  ## measure speed and memory against peers in the same run
	@.venv/bin/python -m tests.benchmarks

chaos: install ## the plan of faults: everything behind the bot broken, killed and cut off, on SQLite and PostgreSQL
	@TINCAY_CHAOS=1 .venv/bin/python -m pytest -m chaos -s

audit: install ## known weaknesses of all pinned libraries (needs the network; warns where there is none)
	@.venv/bin/python .ci/audit.py

encoder:  ## make the encoder's weights anew (an hour of one core, a third environment of 5 GB); no start needs it
	@sh .ci/install encoder
	@.venv-encoder/bin/python -m nlu.encoder.build

fake-telegram: install ## a Telegram Bot API on this machine, port 9091, to try without a token
	@.venv/bin/python -m tests.channels.fake_telegram --port 9091

fake-zalo: install ## a Zalo Bot API on this machine, port 9090
	@.venv/bin/python -m tests.channels.fake_zalo --port 9090

fake-zalo-oa: install ## a Zalo Official Account on this machine, port 9092
	@.venv/bin/python -m tests.channels.fake_zalo_oa --port 9092
