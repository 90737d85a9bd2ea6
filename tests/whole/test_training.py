"""The learning loop: a candidate is compared with the model in use; a worse one is refused, and taken only by wish."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest
import yaml

from bot import nlu_server, training
from bot import settings as configuration
from bot.errors import SettingsError
from bot.evaluation.figures import Figures
from bot.settings import ROOT
from nlu.lines import DATA, DEVELOPMENT, read

STAFF = """nlu:
- intent: economic_violence
  metadata: {risk: disclosure, types: [economic], reporter: self}
  examples: |
    - sổ tiết kiệm đứng tên em mà chồng cất trong két, hỏi tới là im
"""
GOOD: dict[str, Figures] = {"as typed": {"told_recall": 0.9, "emergency_recall": 0.8, "false_alarms": 0.05}}
BAD: dict[str, Figures] = {"as typed": {"told_recall": 0.7, "emergency_recall": 0.8, "false_alarms": 0.05}}


class Trial:
    """A machine's models as files, with figures by name; training copies the new lines' name, nothing is learnt."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.figures: dict[str, dict[str, Figures]] = {}
        self.new = GOOD
        self.said: list[str] = []
        self.trained = 0

        async def make(_: object, name_folder: Path, name: str, __: object) -> Path:
            self.trained += 1
            path = name_folder / "models" / "candidate" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("candidate")
            self.figures[name] = self.new
            return path

        async def score(_: object, __: object, model: Path, ___: object) -> dict[str, Figures]:
            return self.figures[model.name]

        monkeypatch.setattr(training, "_train", make)
        monkeypatch.setattr(training, "_score", score)

    def train(self, force: bool = False) -> bool:
        """Run `tincay train`."""
        settings = configuration.Settings(data_dir=self.folder)
        return asyncio.run(training.train(settings, self.said.append, force))

    def type_in(self, text: str) -> None:
        """Write a file of staff lines."""
        (self.folder / "lines").mkdir(exist_ok=True)
        (self.folder / "lines" / "a.yml").write_text(text, encoding="utf-8")

    @property
    def used(self) -> str:
        """The name of the model in use."""
        found = nlu_server.current_model(self.folder)
        return found.name if found else ""


@pytest.fixture
def trial(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Trial:
    """A fresh machine."""
    return Trial(tmp_path, monkeypatch)


def test_a_first_model_is_taken(trial: Trial) -> None:
    """There is nothing to compare with; a second run has nothing to do."""
    assert trial.train()
    assert trial.used == f"tincay-{nlu_server.fingerprint()}.tar.gz"
    assert trial.train()
    assert trial.trained == 1


def test_staff_lines_make_a_new_model(trial: Trial) -> None:
    """New lines, new name; the model with them is in use, and taking them out again goes back without training."""
    trial.train()
    first = trial.used
    trial.type_in(STAFF)
    assert trial.train()
    assert trial.used != first
    (trial.folder / "lines" / "a.yml").unlink()
    assert trial.train()
    assert trial.used == first
    assert trial.trained == 2


def test_a_worse_model_is_refused_and_taken_only_by_wish(trial: Trial) -> None:
    """Both are shown, the loss is named, the old one stays; `--force` takes it without training again."""
    trial.train()
    first = trial.used
    trial.type_in(STAFF)
    trial.new = BAD
    assert not trial.train()
    assert trial.used == first
    shown = "\n".join(trial.said)
    assert "cũ, as typed" in shown
    assert "mới, as typed" in shown
    assert "KÉM HƠN / WORSE: told_recall, as typed: 0.900 → 0.700" in shown
    assert trial.train(force=True)
    assert trial.used != first
    assert trial.trained == 2


def test_wrong_staff_lines_train_nothing(trial: Trial) -> None:
    """The file and the line are named first."""
    trial.train()
    trial.type_in(STAFF.replace("[economic]", "[]"))
    with pytest.raises(SettingsError, match=r"a\.yml:2: nhãn mâu thuẫn"):
        trial.train()
    assert trial.trained == 1


def test_staff_lines_wait_for_the_command(trial: Trial) -> None:
    """A running machine goes on with the model it has: nothing enters but by `tincay train`."""
    trial.train()
    before = nlu_server.current_model(trial.folder)
    trial.type_in(STAFF)
    assert nlu_server.current_model(trial.folder) == before
    assert before
    assert nlu_server.model_name(trial.folder) != before.name


def test_two_models_are_kept(trial: Trial) -> None:
    """The one in use and the one before it."""
    for n in range(4):
        trial.type_in(STAFF + f"    - câu thứ {n} mà em tự nghĩ ra\n")
        trial.train()
        os.utime(trial.folder / "models" / trial.used, (n, n))
    assert len(list((trial.folder / "models").glob("*.tar.gz"))) == 2


def test_a_few_lines_do_not_replace_a_trained_model(model: Path, tmp_path: Path) -> None:
    """End to end, with Rasa: a model of few lines is trained, scored beside today's, refused; then taken by wish."""
    few, sample = tmp_path / "few", tmp_path / "sample"
    few.mkdir()
    sample.mkdir()
    (few / "few.yml").write_text(_few_lines(20), encoding="utf-8")
    for file in sorted(DEVELOPMENT.glob("*.yml"))[::6]:
        (sample / file.name).write_bytes(file.read_bytes())
    folder = tmp_path / "var"
    (folder / "models").mkdir(parents=True, mode=0o700)
    used = folder / "models" / model.name
    os.link(model, used) if model.stat().st_dev == folder.stat().st_dev else used.write_bytes(model.read_bytes())
    (folder / "lines").mkdir()
    (folder / "lines" / "staff.yml").write_text(STAFF, encoding="utf-8")
    settings, said = configuration.Settings(data_dir=folder), []
    assert not asyncio.run(training.train(settings, said.append, False, few, sample)), said
    assert any("WORSE" in line for line in said)
    assert nlu_server.current_model(folder) == used
    assert asyncio.run(training.train(settings, said.append, True, few, sample))
    assert nlu_server.current_model(folder) != used
    assert said[-1].startswith("Đã dùng mô hình mới")


def _few_lines(most: int) -> str:
    """Return so many lines of each intent, as a YAML file."""
    by_intent, blocks = defaultdict(list), defaultdict(str)
    for line in read(DATA):
        by_intent[line.intent].append(line)
    for lines in by_intent.values():
        for line in lines[:: max(1, len(lines) // most)][:most]:
            blocks[line.labels] += f"- {line.text}\n"
    rows = [
        {"intent": intent, "metadata": {"risk": risk, "types": list(types), "reporter": who}, "examples": examples}
        for (intent, risk, types, who), examples in blocks.items()
    ]
    return yaml.safe_dump({"version": "3.1", "nlu": rows}, allow_unicode=True)


def test_the_command_ends_with_an_error_when_lines_are_wrong(tmp_path: Path) -> None:
    """A sentence on the error channel and exit code 2; nobody waits for a training."""
    (tmp_path / "lines").mkdir()
    (tmp_path / "lines" / "a.yml").write_text("nlu: chữ\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "bot", "train"], cwd=ROOT, capture_output=True, text=True, timeout=60,
        env={"PATH": os.environ["PATH"], "TINCAY_DATA_DIR": str(tmp_path)},
    )  # fmt: skip
    assert done.returncode == 2
    assert "a.yml:1" in done.stderr
