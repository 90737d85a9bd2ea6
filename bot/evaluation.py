"""`tincay evaluate`: score labelled lines by the path of a live message; a table, JSON, and a page for a reviewer."""

from __future__ import annotations

import asyncio
import html as markup
import json
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot import app as whole
from bot.conversation.turn import understand
from bot.conversation.understanding import Understood
from bot.errors import SettingsError
from bot.messages import clean
from bot.nlu_server import progress
from bot.settings import Settings
from bot.talk import use_running_server, wait_until_ready
from nlu.labels import INTENTS, TYPES
from nlu.text import fold

TOLD = ("emergency", "disclosure")
VARIANTS: dict[str, Callable[[str], str]] = {
    "as typed": lambda text: text,
    "without marks": fold,
    "NFD": lambda text: unicodedata.normalize("NFD", text),
    "capitals": str.upper,
}


@dataclass(frozen=True, slots=True)
class Judged:
    """One labelled line with what was understood of it."""

    row: dict[str, Any]
    said: Understood


async def evaluate_file(
    settings: Settings, file: Path, as_json: bool, page: Path | None, write: Callable[[str], None]
) -> None:
    """Score the file and print; raise `SettingsError` when a line is not labelled."""
    rows = read_rows(file)
    app = whole.build(use_running_server(settings))
    whole.warm_up()
    judged: dict[str, list[Judged]] = {}
    async with whole.understanding(app, progress):
        await wait_until_ready(app)
        for name, change in VARIANTS.items():
            judged[name] = await _judge(app, rows, change)
            progress(f"{name}: {len(rows)} dòng")
    figures = {name: measure(lines) for name, lines in judged.items()}
    if page:
        await asyncio.to_thread(page.write_text, _page(figures, judged["as typed"]), "utf-8")
    if as_json:
        per_tag = _by_tag(judged["as typed"])
        details = {
            "variants": figures,
            "tags": per_tag,
            "intents": per_intent(judged["as typed"]),
            "confusion": confusion(judged["as typed"]),
        }
        write(json.dumps(details, ensure_ascii=False, indent=1))
    else:
        for line in table(figures, judged["as typed"]):
            write(line)


def read_rows(file: Path) -> list[dict[str, Any]]:
    """Read labelled lines; each needs text, intent, risk, types and reporter."""
    rows = []
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            if not {"text", "intent", "risk", "types", "reporter"} <= row.keys():
                raise KeyError
        except (ValueError, KeyError, AttributeError):
            raise SettingsError(
                f"{file}:{number}: cần một dòng JSON với text, intent, risk, types, reporter."
            ) from None
        rows.append(row)
    if not rows:
        raise SettingsError(f"{file}: không có dòng nào.")
    return rows


async def _judge(app: whole.App, rows: list[dict[str, Any]], change: Callable[[str], str]) -> list[Judged]:
    gate = asyncio.Semaphore(4)

    async def one(row: dict[str, Any]) -> Judged:
        async with gate:
            return Judged(row, await understand(app.rasa, clean(change(row["text"]))))

    return list(await asyncio.gather(*(one(row) for row in rows)))


def measure(lines: list[Judged]) -> dict[str, float | int | None]:
    """Return the figures that the project promises, each 0-1 (None where no line can tell)."""
    told = [j for j in lines if j.row["risk"] in TOLD]
    calm = [j for j in lines if j.row["risk"] == "none"]
    urgent = [j for j in lines if j.row["risk"] == "emergency"]
    knowing = [j for j in calm if j.row["intent"] in ("ask_law", "ask_concept")]
    own = [j for j in lines if j.row["risk"] == "sensitive"]
    reported = [j for j in told if j.said.risk in TOLD]
    return {
        "lines": len(lines),
        "told_recall": _share(told, lambda j: j.said.risk in TOLD),
        "told_or_asked": _share(told, lambda j: j.said.act != "let_be"),
        "emergency_recall": _share(urgent, lambda j: j.said.risk == "emergency"),
        "emergency_missed_entirely": sum(j.said.act == "let_be" for j in urgent),
        "false_alarms": _share(calm, lambda j: j.said.risk in TOLD),
        "false_alarms_law_concept": _share(knowing, lambda j: j.said.risk in TOLD),
        "false_emergencies": _share(
            [j for j in lines if j.row["risk"] != "emergency"], lambda j: j.said.risk == "emergency"
        ),
        "asked_calm": _share(calm, lambda j: j.said.act == "ask"),
        "perpetrator_recall": _share(own, lambda j: j.said.risk == "sensitive"),
        "intent_accuracy": _share(lines, lambda j: j.said.intent == j.row["intent"]),
        "types_f1": _types_f1(told),
        "reporter_accuracy": _share(reported, lambda j: j.said.reporter == j.row["reporter"]),
    }


def per_intent(lines: list[Judged]) -> dict[str, dict[str, float | int | None]]:
    """Return lines, recall and precision of each intent that occurs."""
    found = {}
    for intent in INTENTS:
        mine = [j for j in lines if j.row["intent"] == intent]
        named = [j for j in lines if j.said.intent == intent]
        if mine:
            found[intent] = {
                "lines": len(mine),
                "recall": _share(mine, lambda j: j.said.intent == j.row["intent"]),
                "precision": _share(named, lambda j: j.said.intent == j.row["intent"]),
            }
    return found


def confusion(lines: list[Judged]) -> list[dict[str, str | int]]:
    """Return the commonest confusions of intents, most frequent first."""
    wrong = Counter((j.row["intent"], j.said.intent) for j in lines if j.said.intent != j.row["intent"])
    return [{"labelled": a, "understood": b, "lines": n} for (a, b), n in wrong.most_common(30)]


def worst(lines: list[Judged], limit: int = 60) -> list[Judged]:
    """Return the mistakes that matter most: missed emergencies, missed telling, false alarms, others."""

    def weight(j: Judged) -> tuple[int, float]:
        told, heard = j.row["risk"], j.said.risk
        if told == "emergency" and heard != "emergency":
            return (0 if j.said.act == "let_be" else 1, -j.said.confidence)
        if told in TOLD and heard not in TOLD:
            return (2 if j.said.act == "let_be" else 3, -j.said.confidence)
        return (4 if told not in TOLD and heard in TOLD else 5, -j.said.confidence)

    mistakes = [j for j in lines if j.row["risk"] != j.said.risk or j.row["intent"] != j.said.intent]
    return sorted(mistakes, key=weight)[:limit]


def table(figures: dict[str, dict[str, float | int | None]], lines: list[Judged]) -> Iterable[str]:
    """Return the lines of the table for the screen."""
    names = list(figures)
    yield f"{'':28}" + "".join(f"{n:>15}" for n in names)
    for key in next(iter(figures.values())):
        yield f"{key:28}" + "".join(f"{_shown(figures[n][key]):>15}" for n in names)
    yield ""
    yield f"{'intent':26}{'lines':>7}{'recall':>9}{'precision':>11}"
    for intent, row in per_intent(lines).items():
        yield f"{intent:26}{row['lines']:>7}{_shown(row['recall']):>9}{_shown(row['precision']):>11}"
    yield ""
    for wrong in confusion(lines)[:12]:
        yield f"{wrong['lines']:>4} × {wrong['labelled']} → {wrong['understood']}"


def _by_tag(lines: list[Judged]) -> dict[str, dict[str, float | int | None]]:
    tagged = defaultdict(list)
    for j in lines:
        for tag in j.row.get("tags", ()):
            tagged[tag].append(j)
    return {tag: measure(group) for tag, group in sorted(tagged.items())}


def _types_f1(told: list[Judged]) -> float | None:
    hit = sum(len(set(j.row["types"]) & set(j.said.types)) for j in told)
    named = sum(len(j.said.types) for j in told) + sum(len(set(j.row["types"]) & set(TYPES)) for j in told)
    return 2 * hit / named if named else None


def _share(lines: list[Judged], holds: Callable[[Judged], bool]) -> float | None:
    return sum(map(holds, lines)) / len(lines) if lines else None


def _shown(value: float | int | None) -> str:
    return "–" if value is None else str(value) if isinstance(value, int) else f"{value:.3f}"


def _page(figures: dict[str, dict[str, float | int | None]], lines: list[Judged]) -> str:
    head = "".join(f"<th>{markup.escape(n)}</th>" for n in figures)
    rows = "".join(
        f"<tr><th>{key}</th>" + "".join(f"<td>{_shown(figures[n][key])}</td>" for n in figures) + "</tr>"
        for key in next(iter(figures.values()))
    )
    wrong = "".join(
        f"<tr><td>{markup.escape(j.row['text'])}</td><td>{j.row['intent']} / {j.row['risk']}</td>"
        f"<td>{j.said.intent} / {j.said.risk} ({j.said.act})</td></tr>"
        for j in worst(lines, 200)
    )
    return (
        '<!doctype html><html lang="vi"><meta charset="utf-8"><title>Tin Cậy: chấm điểm</title>'
        "<style>body{font:16px/1.5 sans-serif;margin:2rem;max-width:70rem}table{border-collapse:collapse}"
        "th,td{border-bottom:1px solid #ddd;padding:.3rem .6rem;text-align:left;vertical-align:top}</style>"
        f"<h1>Chấm điểm mô hình</h1><table><tr><th></th>{head}</tr>{rows}</table>"
        f"<h2>Những chỗ sai nặng nhất</h2><table><tr><th>Tin</th><th>Nhãn</th><th>Hiểu là</th></tr>{wrong}</table></html>"
    )
