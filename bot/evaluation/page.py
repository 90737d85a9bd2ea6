"""What `tincay evaluate` shows: a table for the screen, and an HTML page with the mistakes for a reviewer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape

from bot.evaluation.figures import Figures, Judged, confusion, per_intent, per_tag, shown, worst

_STYLE = (
    "body{font:16px/1.5 sans-serif;margin:2rem auto;max-width:75rem;padding:0 1rem}"
    "table{border-collapse:collapse;margin:1rem 0}"
    "th,td{border-bottom:1px solid #ddd;padding:.3rem .6rem;text-align:left;vertical-align:top}"
    "td:not(:first-child){font-variant-numeric:tabular-nums}"
)


def table(figures: dict[str, Figures], lines: list[Judged]) -> Iterator[str]:
    """Yield the lines of the table for the screen."""
    yield from compared(figures)
    yield ""
    yield f"{'intent':26}{'lines':>7}{'recall':>9}{'precision':>11}{'told':>9}"
    for intent, row in per_intent(lines).items():
        told = shown(row["told_recall"])
        yield f"{intent:26}{row['lines']:>7}{shown(row['recall']):>9}{shown(row['precision']):>11}{told:>9}"
    tags = per_tag(lines)
    if tags:
        yield ""
        yield f"{'tag':34}{'lines':>7}{'told':>9}{'urgent':>9}{'alarms':>9}{'intent':>9}"
    for tag, row in tags.items():
        parts = ("told_recall", "emergency_recall", "false_alarms", "intent_accuracy")
        yield f"{tag:34}{row['lines']:>7}" + "".join(f"{shown(row[p]):>9}" for p in parts)
    yield ""
    for wrong in confusion(lines)[:12]:
        yield f"{wrong['lines']:>4} × {wrong['labelled']} → {wrong['understood']}"


def compared(figures: dict[str, Figures]) -> Iterator[str]:
    """Yield one line a figure, one column a variant (or a model)."""
    width = max(15, *(len(name) + 2 for name in figures))
    yield f"{'':28}" + "".join(f"{name:>{width}}" for name in figures)
    for key in next(iter(figures.values())):
        yield f"{key:28}" + "".join(f"{shown(found[key]):>{width}}" for found in figures.values())


def page(figures: dict[str, Figures], lines: list[Judged]) -> str:
    """Return the whole page; it needs nothing from outside itself."""
    names = list(next(iter(figures.values())))
    intents = ("lines", "recall", "precision", "told_recall")
    tags = ("lines", "told_recall", "told_or_asked", "emergency_recall", "false_alarms", "intent_accuracy")
    wrong = (
        (
            j.row["text"], f"{j.row['intent']} / {j.row['risk']}",
            f"{j.said.intent} / {j.said.risk} ({j.said.act}, {j.said.confidence:.2f}, {j.said.source})",
            ", ".join(map(str, j.row.get("tags", ()))),
        )
        for j in worst(lines, 200)
    )  # fmt: skip
    tagged = per_tag(lines)
    return (
        '<!doctype html><html lang="vi"><meta charset="utf-8"><title>Tin Cậy: chấm điểm</title>'
        '<meta name="viewport" content="width=device-width">'
        f"<style>{_STYLE}</style><h1>Chấm điểm mô hình</h1>"
        + _table(("", *figures), ([key, *(shown(found[key]) for found in figures.values())] for key in names))
        + "<h2>Những chỗ sai nặng nhất</h2>"
        + _table(("Tin", "Nhãn", "Hiểu là", "Thẻ"), wrong)
        + "<h2>Nhầm nhiều nhất</h2>"
        + _table(("Nhãn", "Hiểu là", "Dòng"), ([w["labelled"], w["understood"], w["lines"]] for w in confusion(lines)))
        + "<h2>Từng ý định</h2>"
        + _table(("", *intents), ([i, *(shown(row[k]) for k in intents)] for i, row in per_intent(lines).items()))
        + ("<h2>Từng thẻ</h2>" if tagged else "")
        + (_table(("", *tags), ([t, *(shown(row[k]) for k in tags)] for t, row in tagged.items())) if tagged else "")
        + "</html>"
    )


def _table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    top = "".join(f"<th>{escape(name)}</th>" for name in head)
    body = "".join("<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><tr>{top}</tr>{body}</table>"
