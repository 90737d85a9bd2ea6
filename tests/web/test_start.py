"""The start: who writes in the first seconds is answered, so nothing slow is read that the first answer does not need."""

from __future__ import annotations

import subprocess
import sys

import pytest

from bot import serve
from bot import settings as configuration
from bot.settings import ROOT

SLOW = ["telegram", "httpx", "alembic", "babel", "jinja2"]


@pytest.mark.parametrize("library", SLOW)
def test_the_first_answer_waits_for_no_library_that_it_does_not_use(library: str, imported: set[str]) -> None:
    """Each of these costs 30 to 700 ms; without a bot token nobody needs them in the first second."""
    assert library not in imported


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The libraries that a new process has read when it has answered its first message."""
    folder = tmp_path_factory.mktemp("start")
    code = """
import asyncio, sys
from pathlib import Path
from bot import app as whole, serve, settings
from bot.messages import Incoming
app = whole.build(settings.load(data_dir=Path(sys.argv[1])))
whole.set_up_stores(app)
whole.warm_up()
asyncio.run(app.receive(Incoming("web", "x" * 24, "1", "chồng đánh em")))
assert "113" in app.web.fetch("x" * 24, 0)[0]["text"]
print(*sys.modules)
"""
    done = subprocess.run(
        [sys.executable, "-c", code, str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        env={"PATH": ""},
    )
    return set(done.stdout.split())


@pytest.mark.parametrize("listen", ["::", "0.0.0.0", "192.168.1.7"])
def test_who_lets_other_machines_in_without_a_name_is_told(listen: str) -> None:
    """One line at the start; none where only this machine comes in, or names are set."""
    assert "TINCAY_HOSTS" in serve._warning(configuration.load(listen=listen))
    assert not serve._warning(configuration.load(listen=listen, hosts="bot.example"))
    assert not serve._warning(configuration.load(listen="::1"))
