"""Reads one file of `content/campaigns`; a slip of whoever wrote it is told with the file and the place, before anything is sent."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError

Topic = Literal["binh-dang", "phong-chong", "phap-luat", "tre"]
NAME = re.compile(r"[a-z0-9-]{1,38}")
"""A message that is sent once keeps its name beside a version in a column of 48 letters."""
LONGEST_TEXT = 1_800
"""Letters of a message that is sent once: with its first and last line it must fit into one message of Zalo."""


class CampaignFileError(ValueError):
    """A campaign file is wrong; the message tells which one, where, and how to write it."""


def _day(value: str) -> str:
    try:
        if not re.fullmatch(r"\d\d-\d\d", value):
            raise ValueError
        date.fromisoformat(f"2028-{value}")  # a leap year
    except ValueError:
        raise ValueError("cần tháng-ngày, ví dụ 11-25") from None
    return value


def _written(value: str) -> str:
    if not value.strip():
        raise ValueError("không được để trống")
    return value.strip()


Day = Annotated[str, AfterValidator(_day)]
Text = Annotated[str, AfterValidator(_written)]


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)

    title: Text
    policy: Literal["hold", "retry"]
    priority: int


class Daily(_Row):
    """A season: a message a day."""

    kind: Literal["daily"]
    first: Day = Field(alias="from")
    last: Day = Field(alias="to")
    grace: int = Field(ge=1, le=14 * 60)
    days: Annotated[dict[Day, str], BeforeValidator(lambda value: value or {})]
    items: dict[Topic, list[str]] = Field(min_length=1)


class Single(_Row):
    """A message that staff send once."""

    kind: Literal["once"]
    hours: int = Field(ge=1, le=72)
    text: Annotated[Text, Field(max_length=LONGEST_TEXT)]
    youth: bool = False
    province: str = ""
    commune: int | None = None


_FILE: TypeAdapter[Daily | Single] = TypeAdapter(Annotated[Daily | Single, Field(discriminator="kind")])
_WORDS = {
    "missing": "thiếu dòng này", "extra_forbidden": "không có dòng nào tên này", "int_type": "cần một số nguyên",
    "string_type": "cần chữ", "bool_type": "cần true hoặc false", "dict_type": "cần các dòng `tên: giá trị`",
    "list_type": "cần một danh sách [a, b]", "too_short": "không được để trống", "too_long": "dài quá {max_length} chữ",
    "literal_error": "cần {expected}", "union_tag_invalid": "cần {expected_tags}", "union_tag_not_found": "thiếu dòng kind",
    "greater_than_equal": "cần ít nhất {ge}", "less_than_equal": "cần nhiều nhất {le}", "model_attributes_type": "cần các dòng `tên: giá trị`",
}  # fmt: skip


def read(file: Path) -> Daily | Single:
    """Return what a file tells; raise `CampaignFileError`."""
    if not NAME.fullmatch(file.stem):
        raise CampaignFileError(f"{file.name}: tên tệp chỉ dùng a-z, 0-9 và dấu -, nhiều nhất 38 chữ")
    try:
        row = yaml.load(file.read_text(encoding="utf-8-sig"), Loader=_Once)  # noqa: S506 - a safe loader
        return _FILE.validate_python(row)
    except ValidationError as error:
        raise CampaignFileError(f"{file.name}: {'; '.join(map(_told, error.errors()))}") from None
    except UnicodeDecodeError:
        raise CampaignFileError(f"{file.name}: không phải chữ UTF-8") from None
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f"dòng {mark.line + 1}: " if mark else ""
        raise CampaignFileError(
            f"{file.name}: {where}không đọc được ({getattr(error, 'problem', '') or 'YAML'})"
        ) from None


def _told(error: Any) -> str:
    place = [str(part) for part in error["loc"] if part not in ("daily", "once", "[key]")]
    words = _WORDS.get(error["type"])
    told = words.format(**error.get("ctx", {})) if words else error["msg"].removeprefix("Value error, ")
    told = told.replace(" or ", " hoặc ")
    return f"{' → '.join(place)}: {told}" if place else told


class _Once(yaml.SafeLoader):
    """Refuses a line that stands twice: the first one would be lost in silence."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        names = [getattr(key, "value", None) for key, _ in node.value]
        for n, (key, _) in enumerate(node.value):
            if names[n] in names[:n]:
                raise yaml.constructor.ConstructorError(None, None, f"'{names[n]}' có hai lần", key.start_mark)
        return super().construct_mapping(node, deep)
