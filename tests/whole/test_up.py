"""What a newcomer with only the README sees."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.whole.conftest import Up


def test_the_bot_answers_while_the_model_is_still_loading(up: Up) -> None:
    """Danger and plain telling are answered before Rasa is there."""
    assert "113" in up.say("nó cầm dao đuổi em", person="early")
    assert "không có lỗi" in up.say("chồng đánh em", person="early2")


def test_the_promise_of_the_readme(up: Up) -> None:
    """One message gets 113, the commune's own places and what to do next."""
    up.wait("ready", 120)
    answer = up.say("chồng tôi vừa đánh tôi, tôi ở xã Cẩm Tân, Cẩm Thủy", person="promise")
    assert answer.index("113") < answer.index("Nơi giúp ở Xã Cẩm Tân")
    assert "[MẪU] Công an Xã Cẩm Tân" in answer
    assert "đi khám" in answer


def test_veiled_telling_is_understood_by_the_model(up: Up) -> None:
    """No word of violence, and still help comes (act or a gentle question)."""
    up.wait("ready", 120)
    answer = up.say("anh ấy giữ hết thẻ lương, đi chợ phải xin từng đồng, về kể lại từng bó rau", person="veiled")
    assert "1900 96 96 80" in answer


@pytest.mark.chaos
def test_rasa_is_started_again_when_it_dies(up: Up) -> None:
    """Rasa killed: danger is answered at once, full understanding comes back by itself."""
    up.wait("ready", 120)
    rasa = _children(up.folder, "nlu.serve")
    assert rasa
    for pid in rasa:
        os.kill(pid, signal.SIGKILL)
    assert "113" in up.say("nó cầm dao đuổi em", person="dead")
    assert "không có lỗi" in up.say("chồng đánh em hoài", person="dead2")
    time.sleep(6)
    up.wait("ready", 120)


def test_a_stop_in_the_first_training_leaves_nothing_behind(model: Path, tmp_path: Path) -> None:
    """Told to end while the model is learnt (as a service manager does it), the bot ends at once, and Rasa with it."""
    assert model  # there is an environment of Rasa here
    first = Up(tmp_path)
    first.start()
    first.wait("training", 30)
    deadline = time.monotonic() + 20
    while not _children(tmp_path, "rasa train"):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    first.stop(signal.SIGTERM)
    assert _children(tmp_path, "rasa train") == []


def test_a_restart_keeps_the_conversation_and_installs_nothing(up: Up) -> None:
    """The state survives a stop; a second start is ready again without training."""
    up.wait("ready", 120)
    assert "xã, phường nào" in up.say("chồng đánh em", person="kept")
    up.stop()
    up.start()
    up.wait("", 30)
    assert "Nơi giúp ở Xã Cẩm Tân" in up.say("Cẩm Tân, Cẩm Thủy", person="kept")
    up.wait("ready", 120)
    assert "huấn luyện" not in up.out.read_text()


def test_nothing_said_stays_in_any_file(up: Up) -> None:
    """A conversation leaves none of its words, and no id, in the data folder or on the screen."""
    up.wait("ready", 120)
    up.say("chồng đánh em, con em tên Quỳnhzeta, gọi em số 0912345678", person="traceless")
    time.sleep(0.5)
    for file in [f for f in (up.folder / "var").rglob("*") if f.is_file() and "models" not in f.parts] + [up.out]:
        held = file.read_bytes()
        for trace in ("Quỳnhzeta", "quỳnhzeta", "0912345678", "traceless", "đánh em"):
            assert trace.encode() not in held, f"{trace} in {file.name}"
            assert trace.encode("utf-16-le") not in held


def _children(folder: Path, what: str) -> list[int]:
    listed = subprocess.run(["ps", "-ewwo", "pid,args"], capture_output=True, text=True, check=True).stdout
    return [int(line.split()[0]) for line in listed.splitlines() if what in line and str(folder) in line]
