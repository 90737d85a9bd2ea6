"""`tincay evaluate`: score labelled lines by the path of a live message; a table, JSON, and a page for a reviewer."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable
from pathlib import Path

from bot import app as whole
from bot.conversation.safety import screen
from bot.conversation.turn import understand
from bot.conversation.understanding import Understanding
from bot.errors import UnderstandingDown
from bot.evaluation.figures import Judged, confusion, measure, per_intent, per_tag, worst
from bot.evaluation.page import page, table
from bot.evaluation.rows import Row, read_rows
from bot.evaluation.variants import USUAL, VARIANTS, Change
from bot.messages import clean
from bot.nlu_server import progress
from bot.settings import Settings
from bot.talk import use_running_server, wait_until_ready


async def evaluate_file(
    settings: Settings, source: Path, write: Callable[[str], None], as_json: bool, html: Path | None, variants: bool
) -> None:
    """Score the lines and print; raise `SettingsError` when a line is not labelled."""
    rows = read_rows(source, progress)
    app = whole.build(use_running_server(settings))
    whole.warm_up()
    async with whole.understanding(app, progress):
        await wait_until_ready(app)
        judged = await judge_variants(app.rasa, rows, VARIANTS if variants else USUAL)
    figures = {name: measure(lines) for name, lines in judged.items()}
    typed = judged["as typed"]
    if html:
        await asyncio.to_thread(html.write_text, page(figures, typed), "utf-8")
    if as_json:
        details = {
            "variants": figures,
            "tags": per_tag(typed),
            "intents": per_intent(typed),
            "intents_by_variant": {name: per_intent(lines) for name, lines in judged.items()},
            "confusion": confusion(typed),
            "worst": [
                {
                    **j.row,
                    "understood": {
                        "intent": j.said.intent,
                        "risk": j.said.risk,
                        "act": j.said.act,
                        "source": j.said.source,
                    },
                }
                for j in worst(typed)
            ],
        }
        write(json.dumps(details, ensure_ascii=False, indent=1))
    else:
        for line in table(figures, typed):
            write(line)


async def judge_variants(server: Understanding, rows: list[Row], names: Iterable[str]) -> dict[str, list[Judged]]:
    """Understand all rows in each of these variants."""
    judged = {}
    for name in names:
        judged[name] = await judge(server, rows, VARIANTS[name])
        progress(f"{name}: {len(rows)} dòng")
    return judged


async def judge(server: Understanding, rows: list[Row], change: Change = str) -> list[Judged]:
    """Understand each row as a live message would be, four at a time.

    Where the model did not answer in time (a busy machine), the row is asked once more, alone; raises
    `UnderstandingDown` when keywords would be scored instead of the model.
    """
    gate = asyncio.Semaphore(4)

    async def one(row: Row) -> Judged:
        async with gate:
            text = clean(change(row["text"]))
            return Judged(row, await understand(server, text, screen(text)))

    judged = list(await asyncio.gather(*(one(row) for row in rows)))
    for n, found in enumerate(judged):
        if found.said.source in ("keywords", "screen"):
            judged[n] = await one(found.row)
            if judged[n].said.source == "keywords":
                raise UnderstandingDown("Máy hiểu tiếng Việt không trả lời kịp: không chấm điểm được, hãy chạy lại.")
    return judged
