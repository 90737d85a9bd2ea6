"""`tincay train`: a candidate takes the place of the model in use only when it is no worse on the development split."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from bot import app as whole
from bot import nlu_server
from bot.conversation.rasa import RasaUnderstanding
from bot.errors import SettingsError, UnderstandingDown
from bot.evaluation import judge_variants
from bot.evaluation.figures import Figures, measure, worse
from bot.evaluation.page import compared
from bot.evaluation.rows import read_rows
from bot.evaluation.variants import USUAL
from bot.settings import Settings
from nlu import staff
from nlu.lines import DATA, DEVELOPMENT, read

START_SECONDS = 120.0
"""How long a model may take to load before it counts as one that cannot be served."""


async def train(
    settings: Settings,
    write: Callable[[str], None],
    force: bool = False,
    data: Path = DATA,
    development: Path = DEVELOPMENT,
) -> bool:
    """Train if the lines changed; return False when the candidate is worse, and the model in use stays.

    A refused candidate is kept beside the models: `force` takes it without training again. Raises `SettingsError`
    when a line of the staff is wrong.
    """
    folder = whole.prepare_folder(settings.data_dir).resolve()
    _check_staff(folder, data, development)
    name = nlu_server.model_name(folder)
    used = nlu_server.current_model(folder) or nlu_server.any_model(folder)
    if used and used.name == name:
        write("Mô hình đã mới nhất. / The model is current.")
        return True
    made = [path for path in (folder / "models" / "candidate" / name, folder / "models" / name) if path.exists()]
    candidate = made[0] if made else await _train(settings, folder, name, data)
    if used is None:
        write("Mô hình đầu tiên: chưa có gì để so. / The first model: nothing to compare with.")
    elif not await _may_replace(settings, folder, used, candidate, development, write) and not force:
        write(f"Giữ mô hình đang dùng ({used.name}). Sửa các dòng rồi chạy lại, hoặc: tincay train --force")
        return False
    nlu_server.take(candidate)
    write("Đã dùng mô hình mới. Nếu tincay up đang chạy, hãy tắt rồi chạy lại. / The new model is in use.")
    return True


async def _may_replace(
    settings: Settings, folder: Path, used: Path, candidate: Path, development: Path, write: Callable[[str], None]
) -> bool:
    """Score both models on the development split, show both, and tell whether the new one is good enough."""
    new = await _score(settings, folder, candidate, development)
    nlu_server.keep_figures(folder, candidate.name, next(iter(new.values())))
    try:
        old = await _score(settings, folder, used, development)
    except UnderstandingDown:
        write(f"Mô hình cũ ({used.name}) không chạy được với bản này, nên không so. / The old model does not run.")
        return True
    together = {f"{who}, {name}": found[name] for name in new for who, found in (("cũ", old), ("mới", new))}
    for line in compared(together):
        write(line)
    losses = worse(old, new)
    for loss in losses:
        write(f"KÉM HƠN / WORSE: {loss}")
    return not losses


async def _score(settings: Settings, folder: Path, model: Path, development: Path) -> dict[str, Figures]:
    nlu_server.progress(f"Đang chấm điểm {model.name}")
    async with _serving(settings, folder, model) as server:
        judged = await judge_variants(server, read_rows(development), USUAL)
    return {name: measure(lines) for name, lines in judged.items()}


@contextlib.asynccontextmanager
async def _serving(settings: Settings, folder: Path, model: Path) -> AsyncIterator[RasaUnderstanding]:
    """Serve one model while the block lasts; raise `UnderstandingDown` when it does not answer."""
    process = nlu_server.NluServer(settings.nlu_python, folder)
    server = RasaUnderstanding(process.url, process.token)
    running = asyncio.create_task(process.serve(model))
    try:
        deadline = time.monotonic() + START_SECONDS
        while not await server.is_ready():
            if running.done() or time.monotonic() > deadline:
                raise UnderstandingDown(f"Mô hình {model.name} không chạy được.")
            await asyncio.sleep(0.2)
        yield server
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await server.close()


async def _train(settings: Settings, folder: Path, name: str, data: Path) -> Path:
    lines = [data, folder / "lines"] if nlu_server.staff_lines(folder) else [data]
    return await nlu_server.train_candidate(settings.nlu_python, folder, nlu_server.progress, name, lines)


def _check_staff(folder: Path, data: Path, development: Path) -> None:
    files = nlu_server.staff_lines(folder)
    wrong = staff.faults(files, list(read(data)), list(read(development))) if files else []
    if wrong:
        raise SettingsError("các dòng mẫu của nhân viên chưa đúng, chưa huấn luyện:\n" + "\n".join(wrong))
