"""Look over the written lines: counts by label and keyboard, what repeats, and what contradicts itself.

``python -m nlu.lines`` exits 1 when labels contradict each other, a line stands twice, or says again what another says.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from math import ceil
from pathlib import Path

import yaml

from nlu.labels import INTENTS, OUT_OF_SCOPE, conflicts
from nlu.text import fold, squeeze, tokens

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"
DEVELOPMENT = HERE / "development"
SHARED = 0.5
"""Two lines that share more than this part of their character 4-grams say the same thing twice."""
SHORT = 20
"""Lines of fewer letters are formulas ("cảm ơn nhen", "bot ngu"): everybody says them, and they may resemble each other."""
_MEETINGS = 6
"""So many of their rarest 4-grams must two lines share before they are compared; a line of `SHORT` letters has 17."""


@dataclass(frozen=True, slots=True)
class Line:
    """One written message with its labels and the file (one voice) that it stands in."""

    text: str
    intent: str
    risk: str
    types: tuple[str, ...]
    reporter: str
    file: Path

    @property
    def key(self) -> str:
        """The text as far as it decides whether two lines are the same."""
        return squeeze(fold(self.text))

    @property
    def labels(self) -> tuple[str, str, tuple[str, ...], str]:
        """The labels, in a form that can be compared."""
        return self.intent, self.risk, tuple(sorted(self.types)), self.reporter


def main(arguments: list[str] | None = None) -> int:
    """Print the report; return 1 when something must be mended, else 0."""
    parser = argparse.ArgumentParser(prog="python -m nlu.lines", description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA, help="folder of training lines")
    parser.add_argument("--development", type=Path, default=DEVELOPMENT, help="folder of lines never trained on")
    parser.add_argument("--quick", action="store_true", help="leave out near-duplicates, which take some seconds")
    options = parser.parse_args(arguments)
    data, development = list(read(options.data)), list(read(options.development))
    for name, lines in (("data", data), ("development", development)):
        print(f"\n{name}: {len(lines)} lines in {len({line.file for line in lines})} voices")
        for what, counts in tallies(lines).items():
            print(f"  {what}: " + ", ".join(f"{k} {n}" for k, n in counts.most_common()))
    wrong = [*faults(data), *faults(development), *overlaps(data, development)]
    if not options.quick:
        wrong += twins([*development, *data])
    for fault in wrong:
        print(fault)
    print(f"\n{len(wrong)} faults")
    return 1 if wrong else 0


def read(folder: Path) -> Iterator[Line]:
    """Yield every line of the YAML files under `folder` (or of one file), as Rasa's reader would see it."""
    for file in [folder] if folder.is_file() else sorted(folder.rglob("*.yml")):
        for block in yaml.load(file.read_text(encoding="utf-8"), yaml.CSafeLoader)["nlu"]:
            labels = block["metadata"]
            for example in block["examples"].split("\n"):
                if example.strip():
                    text = example.strip("\r\n ")[1:].strip("\r\n ")
                    types = tuple(labels["types"])
                    yield Line(text, block["intent"], labels["risk"], types, labels["reporter"], file)


def tallies(lines: Iterable[Line]) -> dict[str, Counter[str]]:
    """Return the counts by label, length and keyboard."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for line in lines:
        found["intent"][line.intent] += 1
        found["risk"][line.risk] += 1
        found["types"].update(line.types or ("none",))
        found["reporter"][line.reporter] += 1
        found["syllables"][_length(len(line.text.split()))] += 1
        found["keyboard"][keyboard(line.text)] += 1
    return found


def keyboard(text: str) -> str:
    """Return how a line was typed: capitals, marks, no marks, half, or short forms and telex that were spelt out."""
    words = re.findall(r"[^\W\d_]+", text)
    if text.isupper() and len(words) > 1:
        return "capitals"
    spelt = set(tokens(text)) - {word.lower() for word in words}
    if any(any(c.isalpha() for c in word) for word in spelt):
        return "teencode or telex"
    marked = sum(word.lower() != fold(word) for word in words)
    if marked == 0:
        return "no marks"
    return "marks" if marked * 3 >= len(words) else "half"


def faults(lines: Iterable[Line]) -> Iterator[str]:
    """Yield what is wrong within one set: labels against the scheme, the same text twice."""
    seen: dict[str, Line] = {}
    for line in lines:
        for fault in conflicts(line.intent, line.risk, list(line.types), line.reporter):
            yield f"{_where(line)}: {fault}: {line.text[:60]}"
        first = seen.setdefault(line.key, line)
        if first is not line:
            said = "twice" if first.labels == line.labels else f"twice, as {first.intent} and {line.intent}"
            yield f"{_where(line)}: {said} (also {_where(first)}): {line.text[:60]}"


def overlaps(data: Iterable[Line], development: Iterable[Line]) -> Iterator[str]:
    """Yield the development lines that are trained on."""
    trained = {line.key for line in data}
    for line in development:
        if line.key in trained:
            yield f"{_where(line)}: a development line that is trained on: {line.text[:60]}"


def twins(lines: Iterable[Line]) -> Iterator[str]:
    """Yield the lines that say again what another line says, within a voice, across voices, or across the splits."""
    for one, other in near_duplicates(lines):
        labels = "" if one.labels == other.labels else f" under other labels ({one.intent}, {other.intent})"
        yield f"{_where(other)}: says again{labels} what {_where(one)} says: {other.text[:60]} ~ {one.text[:60]}"


def near_duplicates(lines: Iterable[Line]) -> Iterator[tuple[Line, Line]]:
    """Yield every pair of lines that share more than `SHARED` of their 4-grams; `SHORT` lines are left out.

    Of two such sets, the rarer halves meet in several places: only those are indexed (13,000 lines take some seconds).
    """
    long = [line for line in lines if len(line.key) >= SHORT]
    grams = sorted(((_grams(line.key), line) for line in long), key=lambda pair: len(pair[0]))
    known = Counter(gram for found, _ in grams for gram in found)
    rank = {gram: place for place, gram in enumerate(sorted(known, key=lambda gram: (known[gram], gram)))}
    index: dict[int, list[int]] = defaultdict(list)
    for here, (found, line) in enumerate(grams):
        rare = sorted(map(rank.__getitem__, found))[: len(found) - ceil(SHARED * len(found)) + _MEETINGS]
        met = Counter(chain.from_iterable(map(index.__getitem__, rare)))
        for there, times in met.items():
            other, earlier = grams[there]
            if times >= _MEETINGS and len(other) >= SHARED * len(found):
                shared = len(found & other)
                if shared > SHARED * (len(found) + len(other) - shared):
                    yield earlier, line
        for gram in rare:
            index[gram].append(here)


def _grams(text: str) -> set[str]:
    return {text[i : i + 4] for i in range(len(text) - 3)} or {text}


def _length(syllables: int) -> str:
    return next((name for most, name in ((7, "1-7"), (20, "8-20"), (45, "21-45")) if syllables <= most), "46+")


def _where(line: Line) -> str:
    return f"{line.file.parent.name}/{line.file.name}"


def background(lines: Iterable[Line]) -> int:
    """Return how many lines are about something else altogether."""
    return sum(line.intent == OUT_OF_SCOPE for line in lines)


def thin(lines: Iterable[Line], least: int) -> list[str]:
    """Return the intents with fewer than `least` lines."""
    counts = Counter(line.intent for line in lines)
    return [intent for intent in INTENTS if counts[intent] < least]


if __name__ == "__main__":
    sys.exit(main())
