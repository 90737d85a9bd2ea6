"""The encoder beside the linear model: where its files are missing, the model answers alone by thresholds of its own."""

from __future__ import annotations

import json
import subprocess
import tarfile
from pathlib import Path

import pytest

from bot import settings as configuration
from bot.settings import ROOT

SAID = {
    "chồng đập em gãy tay, con em thấy hết": True,
    "chong nhot em trong phong ca tuan": True,
    "hôm nay trời mưa to": False,
}
SCRIPT = """
import json, sys
from pathlib import Path
from types import SimpleNamespace
from contextlib import nullcontext
from nlu.components import encoder
from nlu.components.classifier import TinCayClassifier
from rasa.shared.nlu.training_data.message import Message
folder, alone, said = Path(sys.argv[1]), sys.argv[2] == "alone", json.loads(sys.argv[3])
storage = SimpleNamespace(read_from=lambda _: nullcontext(folder))
if alone:
    encoder.FILES = ("missing.onnx",)
made = TinCayClassifier.load(TinCayClassifier.get_default_config(), storage, None, None)
print(json.dumps([made.process([Message({"text": text})])[0].get("scores") for text in said]))
"""


@pytest.mark.parametrize("how", ["together", "alone"])
def test_the_model_tells_with_the_encoder_and_without(model: Path, tmp_path: Path, how: str) -> None:
    """Telling is told and calm is calm, each by the thresholds that were chosen for it."""
    with tarfile.open(model) as archive:
        archive.extractall(tmp_path, filter="data")
    folder = next(tmp_path.rglob("calibration.json")).parent
    python = str(configuration.Settings().nlu_python)
    command = [python, "-W", "ignore", "-c", SCRIPT, str(folder), how, json.dumps([*SAID])]
    out = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    found = json.loads(out.splitlines()[-1])
    assert [scores["told"] >= scores["thresholds"]["told"] for scores in found] == [*SAID.values()]
    kept = json.loads((folder / "calibration.json").read_text(encoding="utf-8"))
    assert found[0]["thresholds"] == kept["calibration"][how]["thresholds"]
