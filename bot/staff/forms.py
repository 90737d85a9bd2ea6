"""Forms: fields that leave out blanks at the ends and say in Vietnamese what is missing."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Any

from wtforms import Form as Plain
from wtforms import PasswordField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import DataRequired, Length

__all__ = ["Form", "PasswordField", "RadioField", "needed", "options", "radio", "text", "words"]


class Form(Plain):
    """A form of the site; the CSRF token is the door's."""

    def said(self, field: str) -> str:
        """Return what was typed or chosen, or ""."""
        return self[field].data or ""

    def told(self, field: str, words: str) -> None:
        """Show at a field what was refused later than its own checks."""
        self[field].errors = [*self[field].errors, words]


def needed(words: str) -> DataRequired:
    """Return the check that something is filled in; `words` say what."""
    return DataRequired(words)


def text(label: str, *checks: Any, most: int = 120, **attributes: Any) -> Any:
    """Return a field of one line."""
    return StringField(label, _checks(checks, most), filters=[_tidy], render_kw={"maxlength": most, **attributes})


def words(label: str, *checks: Any, most: int = 300, **attributes: Any) -> Any:
    """Return a field of several lines."""
    return TextAreaField(label, _checks(checks, most), filters=[_tidy], render_kw={"maxlength": most, **attributes})


def radio(label: str, pairs: Iterable[tuple[str, str]] = (), **more: Any) -> Any:
    """Return a field of one choice of (value, label)."""
    more["invalid_choice_message"] = "Chọn một mục trong danh sách."
    return RadioField(label, choices=options(pairs), **more)


def options(pairs: Iterable[tuple[str, str]]) -> Any:
    """Return choices of (value, label) as the library wants them."""
    return [SelectChoice(value, label) for value, label in pairs]


def _checks(checks: tuple[Any, ...], most: int) -> list[Any]:
    return [*checks, Length(max=most, message=f"Không quá {most} ký tự.")]


def _tidy(value: str | None) -> str:
    """Return what was typed without signs that nobody sees: Word cannot hold some, others turn the words around."""
    seen = (c for c in unicodedata.normalize("NFC", value or "") if c in "\n\r\t\u200d" or not _unseen(c))
    return "".join(seen).strip()


def _unseen(sign: str) -> bool:
    return unicodedata.category(sign) in ("Cc", "Cf", "Cs") or sign in "\ufffe\uffff"
