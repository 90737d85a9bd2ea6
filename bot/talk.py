"""`tincay chat` and `tincay predict`: the same machine, by hand or by pipe."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import uuid
from collections.abc import Callable
from typing import BinaryIO

import typer

from bot import app as whole
from bot.channels.terminal import Terminal, read_json, read_line
from bot.conversation.safety import screen
from bot.conversation.turn import understand
from bot.conversation.understanding import Understood
from bot.errors import SettingsError, UnderstandingDown
from bot.messages import clean
from bot.nlu_server import check_python, progress, running_server
from bot.settings import Settings

WAIT_SECONDS = 600.0
"""How long a pipe waits for the model (a first training included)."""


async def talk(settings: Settings, jsonl: bool) -> None:
    """Read messages from standard input until it ends; replies go to standard output."""
    app = whole.build(use_running_server(settings), Terminal(typer.echo, jsonl))
    whole.set_up_stores(app)
    whole.warm_up()
    if not jsonl:
        typer.echo("Tin Cậy nghe đây. Gõ rồi Enter; Ctrl-D để nghỉ.")
    run, number = uuid.uuid4().hex[:8], 0
    async with whole.running(app, progress if sys.stderr.isatty() or not jsonl else lambda _: None):
        while line := await asyncio.to_thread(sys.stdin.buffer.readline):
            number += 1
            text = line.decode("utf-8", "replace").rstrip("\r\n")
            if not text.strip() and jsonl:
                continue
            try:
                incoming = read_json(text, number, run) if jsonl else read_line(text, number, run)
            except ValueError as error:
                typer.echo(json.dumps({"error": str(error)}, ensure_ascii=False))
                continue
            if jsonl and incoming.text and screen(incoming.text) is None:
                with contextlib.suppress(UnderstandingDown, SettingsError):  # then keywords answer
                    await wait_until_ready(app)
            await app.receive(incoming)


async def predict_lines(settings: Settings, source: BinaryIO, write: Callable[[str], None]) -> None:
    """Label each JSON line of `source`, in order, by the path of a live message."""
    app = whole.build(use_running_server(settings))
    whole.warm_up()
    async with whole.understanding(app, progress):
        await wait_until_ready(app)
        while line := await asyncio.to_thread(source.readline):
            if line.strip():
                write(await _predict(app, line))


async def _predict(app: whole.App, line: bytes) -> str:
    try:
        text = json.loads(line)["text"]
        if not isinstance(text, str):
            raise ValueError
    except (ValueError, KeyError, TypeError, RecursionError):
        return json.dumps({"error": 'cần một dòng JSON {"text": "…"}'}, ensure_ascii=False)
    kept = clean(text)
    said = await understand(app.rasa, kept, screen(kept), app.machine.home)
    return json.dumps(as_row(text, said), ensure_ascii=False)


def as_row(text: str, said: Understood) -> dict[str, object]:
    """Return one labelled line in the names that others rely on."""
    return {
        "text": text.encode("utf-8", "replace").decode(),
        "intent": said.intent,
        "confidence": round(said.confidence, 4),
        "risk": said.risk,
        "types": list(said.types),
        "reporter": said.reporter,
        "place": said.place.as_dict() if said.place else None,
        "entities": said.entities,
        "act": said.act,
        "source": said.source,
    }


async def wait_until_ready(app: whole.App) -> None:
    """Wait until the model answers; raise when it never does."""
    deadline = asyncio.get_running_loop().time() + WAIT_SECONDS
    while app.nlu.state != "ready":
        if await app.rasa.is_ready():
            app.nlu.state = "ready"
            return
        if app.nlu.state == "down" and not app.settings.nlu_url:
            check_python(app.settings.nlu_python)
        if app.nlu.state == "down" or asyncio.get_running_loop().time() > deadline:
            raise UnderstandingDown(
                "Máy hiểu tiếng Việt không chạy được. Chạy: make install, rồi tincay train. / The understanding server does not run."
            )
        await asyncio.sleep(0.2)


def use_running_server(settings: Settings) -> Settings:
    """Use the server of a running `tincay up` on this machine, if there is one with today's model."""
    found = None if settings.nlu_url else running_server(settings.data_dir)
    return settings.model_copy(update={"nlu_url": found[0], "nlu_token": found[1]}) if found else settings
