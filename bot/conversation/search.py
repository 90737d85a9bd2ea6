"""Which questions of the library are most like the one asked: words, their meanings and neighbours, weighed by rarity."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from heapq import nlargest
from itertools import pairwise

import content
from nlu.text import fold, normalise

_NEAREST = 8
"""Questions of the library that have a say."""
_LIKE = 0.2
"""Likeness (0-1) of the best answer below which nothing fits."""
_BESIDE = 0.8
"""An answer at least so near to the best one, as a share of its likeness, is given beside it."""
_WORD, _SPELT, _MEANING, _NEXT, _PAIR = 0.6, 0.4, 1.0, 0.7, 0.5
"""What counts: a word without its marks, with its marks, a meaning, two neighbours, two meanings in their order."""
_NOTHING = 0.8
"""Weight of the questions that nothing answers, as many stand beside the answered ones."""
_UNKNOWN = 0.5
"""A word that the library never heard weighs so much of the rarest one that it knows."""
_OFTEN = 0.1
"""Share of the library's questions from which on a feature tells nothing: half the time went into such words."""
_LONGEST = 5
"""Words of the longest expression that is looked up."""
_FEW_MARKS = 0.35
"""Share of words with marks up to which a message counts as typed without."""


def fitting(question: str) -> list[tuple[str, ...]]:
    """Return the answers of the library, each the ids of its facts, that fit a question, best first; often none."""
    ranked = _index().rank(question)
    if not ranked or not ranked[0][1] or ranked[0][0] < _LIKE:
        return []
    return [facts for likeness, facts in ranked if facts and likeness >= _BESIDE * ranked[0][0]]


class _Index:
    """The questions of the library by their features; built once, some 0.3 s."""

    def __init__(self, asked: Sequence[tuple[str, tuple[str, ...]]], meanings: _Meanings) -> None:
        self._meanings, self._answers = meanings, [facts for _, facts in asked]
        found = [meanings.features(question) for question, _ in asked]
        seen = Counter(feature for features in found for feature in features)
        often = _OFTEN * len(asked)
        self._rarity = {f: math.log(1 + len(asked) / n) if n < often else 0.0 for f, n in seen.items()}
        self._unknown = _UNKNOWN * math.log(1 + len(asked))
        self._holding: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for number, features in enumerate(found):
            weights = self._weighed(features)
            length = _length(weights.values())
            for feature, weight in weights.items():
                self._holding[feature].append((number, weight / length))

    def rank(self, question: str) -> list[tuple[float, tuple[str, ...]]]:
        """Return (likeness 0-1, facts) of the answers to the nearest questions, the likest first."""
        weights = self._weighed(self._meanings.features(question))
        alike: dict[int, float] = defaultdict(float)
        for feature, weight in weights.items():
            for number, share in self._holding.get(feature, ()):
                alike[number] += weight * share
        length = _length(weights.values())
        votes: dict[tuple[str, ...], float] = defaultdict(float)
        for number in nlargest(_NEAREST, alike, key=alike.__getitem__):
            votes[self._answers[number]] += (alike[number] / length) ** 3
        return sorted(
            ((vote ** (1 / 3) * (1 if facts else _NOTHING), facts) for facts, vote in votes.items()), reverse=True
        )

    def _weighed(self, features: Mapping[str, float]) -> dict[str, float]:
        weighed = ((f, self._rarity.get(f, self._unknown) * weight) for f, weight in features.items())
        return {f: weight for f, weight in weighed if weight}


@dataclass(frozen=True, slots=True)
class _Meanings:
    """Expressions that mean the same, as written and without marks."""

    marked: Mapping[str, str]
    folded: Mapping[str, str]

    def features(self, question: str) -> dict[str, float]:
        """Return what a question consists of, each feature with how much it counts."""
        words = [w for w in normalise(question).split() if w[0].isalnum()]
        bare = [fold(w) for w in words]
        is_bare = sum(a != b for a, b in zip(words, bare, strict=True)) <= len(words) * _FEW_MARKS
        said = self._said(words, bare, is_bare)
        meant = [s for s in said if s[0] == "{"]
        found = {f"w {w}": _WORD for w in bare} | {f"k {m}": _MEANING for m in meant}
        found |= {f"b {a} {b}": _NEXT for a, b in pairwise(said)}
        found |= {f"p {a} {b}": _PAIR for n, a in enumerate(meant) for b in meant[n + 1 :] if a != b}
        return found if is_bare else found | {f"m {w}": _SPELT for w in words}

    def _said(self, words: Sequence[str], bare: Sequence[str], is_bare: bool) -> list[str]:
        """Return the words in order, the longest expressions with a known meaning as that meaning."""
        said, at = [], 0
        while at < len(words):
            for n in range(min(_LONGEST, len(words) - at), 0, -1):
                meaning = self.marked.get(" ".join(words[at : at + n]))
                if meaning is None and is_bare:
                    meaning = self.folded.get(" ".join(bare[at : at + n]))
                if meaning:
                    said.append(f"{{{meaning}}}")
                    at += n
                    break
            else:
                age = _age(bare[at : at + 2])
                said.append(age or bare[at])
                at += 2 if age else 1
        return said


def _age(words: Sequence[str]) -> str:
    """Return the meaning of "15 tuổi": somebody young or old; "" for anything else."""
    if len(words) < 2 or not words[0].isdigit() or words[1] not in ("tuoi", "t", "toi"):
        return ""
    years = int(words[0])
    return "{tiny}" if years < 10 else "{teen}" if years < 20 else "{old}" if years >= 60 else "{grown}"


def _length(weights: Iterable[float]) -> float:
    return math.sqrt(sum(w * w for w in weights)) or 1.0


@cache
def _index() -> _Index:
    asked = [(question, tuple(row["facts"])) for row in content.answers() for question in row["asked"]]
    return _Index(asked, _meanings([question for question, _ in asked]))


def _meanings(questions: Iterable[str]) -> _Meanings:
    """Return the expressions by what they mean; a word that is mostly another one without its marks needs its marks."""
    spelt: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for question in questions:
        for word in normalise(question).split():
            bare = fold(word)
            spelt[bare][word] += 1.0 if bare != word else 0.2
    marked: dict[str, str] = {}
    folded: dict[str, str] = {}
    for meaning, expressions in content.question_words().items():
        for expression in map(normalise, expressions):
            marked[expression] = meaning
            bare = fold(expression)
            ways = spelt[bare]
            if " " in bare or not ways or ways.get(expression, 0.0) >= sum(ways.values()) / 2:
                folded.setdefault(bare, meaning)
    return _Meanings(marked, folded)
