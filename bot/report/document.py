"""The report as a Word document in the form of official papers, to be signed and sent before 20 December."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from bot.report import charts, paper
from bot.report.figures import FEWEST, UNDER, Month, Rows, at_most_few, few, number
from bot.report.names import ENDS
from referral_directory.places import load
from referral_directory.readiness import WHY

if TYPE_CHECKING:
    from docx.document import Document

_DOTS = "……………………"
_BLANK = "………………………………………………………………"
_FILED = re.compile(r"lưu\s*(?::|$)", re.IGNORECASE)
"""Begins the last of the copies, which stays in the house."""
_MONTH = "Tháng hành động vì bình đẳng giới và phòng ngừa, ứng phó với bạo lực trên cơ sở giới"


def as_docx(month: Month) -> bytes:
    """Return the report; what nobody typed in stands as a line to fill in by hand."""
    made = paper.new()
    _head(made, month)
    _general(made, month)
    paper.heading(made, "II. KẾT QUẢ THỰC HIỆN")
    _spread(made, month)
    _asked(made, month)
    _referred(made, month)
    _directory(made, month)
    _activities(made, month)
    _troubles(made, month)
    _sign(made, month)
    if month.sent:
        _days(made, month)
    _places(made, month)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def unit_of(month: Month) -> str:
    """Return the name of the unit that signs: as typed, else the committee of the province."""
    return month.words.unit or (f"Ủy ban nhân dân {_ours(month)}" if month.scope.province else "")


def _ours(month: Month) -> str:
    """Return where the figures come from: "tỉnh Thanh Hóa"."""
    province = next((p for p in load().provinces if p.name == month.scope.province), None)
    return f"{province.kind.lower()} {province.name}" if province else "các tỉnh, thành phố"


def _head(made: Document, month: Month) -> None:
    place = month.words.place or (month.scope.province or "……………")
    date = f"{place}, ngày      tháng      năm {month.written.year}"
    unit = re.sub(r"^(Ủy ban nhân dân) (tỉnh|thành phố)", r"\1\n\2", unit_of(month)) or _DOTS
    paper.letterhead(made, month.words.above, unit, month.words.number or "Số:         /BC-………", date)
    paper.title(made, "BÁO CÁO", f"Kết quả {_MONTH} năm {month.year}")
    if month.provisional:
        paper.remark(made, f"(Số liệu tạm tính đến {_moment(month)}; Tháng hành động đến hết {month.last:%d/%m/%Y})")


def _moment(month: Month) -> str:
    return f"{month.written:%H giờ %M ngày %d/%m/%Y}"


def _general(made: Document, month: Month) -> None:
    plan = re.sub(r"^kế hoạch\s+", "", month.words.plan, flags=re.IGNORECASE) or "số ………/KH-……… ngày ………………"
    paper.say(
        made,
        f"Thực hiện Kế hoạch {plan} về việc triển khai {_MONTH} năm {month.year}, {unit_of(month) or _DOTS} báo cáo kết quả như sau:",
    )
    paper.heading(made, "I. TÌNH HÌNH CHUNG")
    theme = f"“{month.theme.strip('“”.')}”" if month.theme else _BLANK
    paper.say(made, f"1. Chủ đề: {theme}.")
    paper.say(made, f"2. Thời gian: từ ngày {month.first:%d/%m/%Y} đến ngày {month.last:%d/%m/%Y}.")
    others = " và của những người không nói tỉnh của mình" if month.scope.province and month.scope.runs else ""
    paper.say(
        made,
        "3. Nguồn số liệu: số đếm tự động theo ngày của hệ thống tư vấn, giới thiệu Tin Cậy (Zalo, Telegram, trang web) ở "
        f"{_ours(month)}{others}, tính đến {_moment(month)}. Hệ thống không lưu lời của người dân, số liệu là số lượt và không dẫn "
        f"về một người nào; mục dưới {FEWEST} được gộp lại hoặc ghi “{UNDER}”.",
    )


def _spread(made: Document, month: Month) -> None:
    paper.heading(made, "1. Truyền thông qua tin nhắn", level=2)
    reached = f"Số người đã nhận ít nhất một tin trong thời gian này: {few(month.counts.reached)}. "
    paper.say(
        made,  # beside the list by province their sum would tell what is merged there
        f"{'' if month.reach else reached}Số người đang đăng ký nhận tin khi lập báo cáo: {few(month.subscribers)}.",
    )
    if not month.scope.runs:
        paper.say(made, "Tin nhắn được gửi chung cho nhiều tỉnh, thành phố; số tin theo kênh và theo ngày do đơn vị vận hành hệ thống báo cáo.")  # fmt: skip
    elif month.few:
        paper.say(made, f"Mỗi ngày có dưới {FEWEST} tin được lên lịch; số tin không ghi, vì từ đó tính ra được số người nhận.")  # fmt: skip
    elif not month.sent:
        paper.say(made, "Trong thời gian này chưa có tin nào được lên lịch.")
    else:
        totals = month.totals
        paper.say(
            made,
            f"Đã lên lịch {number(totals['total'])} tin, gửi được {number(totals['sent'])} tin, "
            f"{number(totals['unknown'])} tin không rõ đã đến chưa, {number(totals['refused'])} tin bị từ chối "
            f"(người nhận đã rời kênh hoặc kênh không nhận), {number(totals['unsent'])} tin không gửi (quá giờ hoặc đã hủy). "
            "Chi tiết từng ngày ở Phụ lục 1.",
        )
        paper.caption(made, "Tin nhắn theo kênh")
        rows = [[name, *_ends(month, counts)] for name, counts in month.channels.items()]
        paper.table(made, ["Kênh", *_heads(month)], rows)
        drawn = charts.days([(f"{day:%d/%m}", n) for day, n in month.sent_by_day])
        paper.picture(made, drawn, "Số tin gửi được mỗi ngày")
    if month.reach:
        _counted(made, month.reach, "Tỉnh, thành phố", "Số người đã nhận tin, theo tỉnh, thành phố", "Số người")


def _asked(made: Document, month: Month) -> None:
    paper.heading(made, "2. Giải đáp pháp luật và các câu hỏi khác", level=2)
    _counted(made, month.counts.topics, "Chủ đề", "Câu hỏi về pháp luật và khái niệm, theo chủ đề")
    _counted(made, month.counts.asked, "Việc được hỏi", "Các câu hỏi khác", drawn=False)
    if month.counts.quiz:
        _counted(
            made, month.counts.quiz, "Kết quả", "Thi tìm hiểu pháp luật, số lượt làm đủ năm câu trong ngày", drawn=False
        )


def _referred(made: Document, month: Month) -> None:
    paper.heading(made, "3. Tiếp nhận và giới thiệu nơi giúp đỡ", level=2)
    _counted(made, month.counts.told, "Loại bạo lực được kể", "Lượt kể, theo loại bạo lực")
    _counted(made, month.counts.offered, "Nơi đã giới thiệu", "Lượt giới thiệu, theo loại nơi giúp đỡ")
    paper.say(made, f"Số lời nhờ cán bộ gọi lại: {at_most_few(month.counts.callbacks)}.")


def _directory(made: Document, month: Month) -> None:
    paper.heading(made, "4. Mạng lưới địa chỉ tin cậy", level=2)
    ready = month.ready
    paper.say(
        made,
        f"{number(ready.ready)} trên {number(ready.communes)} xã, phường, đặc khu ({ready.percent}%) có ít nhất một địa chỉ tin cậy "
        f"đã được gọi điện kiểm tra trong 90 ngày. Danh sách ở {_appendix_of_places(month)}.",
    )


def _activities(made: Document, month: Month) -> None:
    paper.heading(made, "5. Các hoạt động của đơn vị", level=2)
    if not month.activities:
        paper.say(made, f"(Lễ phát động, tọa đàm, hội thi…) {_BLANK}")
        return
    counted = [one.people for one in month.activities if one.people is not None]
    people = f", {number(sum(counted))} lượt người tham gia" if counted else ""
    paper.say(made, f"Đơn vị đã tổ chức {len(month.activities)} hoạt động{people}.")
    rows = [
        [f"{n}", f"{one.day:%d/%m/%Y}", one.what, one.place or "–", "–" if one.people is None else number(one.people)]
        for n, one in enumerate(month.activities, 1)
    ]
    paper.table(made, ["TT", "Ngày", "Hoạt động", "Nơi tổ chức", "Số người"], rows, [1, 2.4, 6.6, 4, 2])


def _troubles(made: Document, month: Month) -> None:
    paper.heading(made, "III. KHÓ KHĂN, KIẾN NGHỊ")
    for name, words in (("1. Khó khăn", month.words.troubles), ("2. Kiến nghị", month.words.wishes)):
        first, *rest = words.splitlines() or [_BLANK]
        paper.say(made, f"{name}: {first}")
        for line in rest:
            paper.say(made, line)
    paper.close(made, f"Trên đây là báo cáo kết quả Tháng hành động năm {month.year} của {unit_of(month) or _DOTS}./.")


def _sign(made: Document, month: Month) -> None:
    copies = [line.strip(" -;.") for line in month.words.copies.splitlines() if line.strip()]
    sent = [one for one in copies if not _FILED.match(one)] or [_DOTS]
    filed = [one for one in copies if _FILED.match(one)] or ["Lưu: VT"]
    position = month.words.position or "TM. ỦY BAN NHÂN DÂN\nCHỦ TỊCH"
    paper.signatures(made, [*sent, *filed], position, month.words.signer or _DOTS)


def _days(made: Document, month: Month) -> None:
    paper.appendix(made, "Phụ lục 1", "Tin nhắn theo ngày và kênh")
    rows = [[f"{one.day:%d/%m/%Y}", one.channel, *_ends(month, one.counts)] for one in month.sent]
    paper.table(made, ["Ngày", "Kênh", *_heads(month)], rows)


def _shown(month: Month) -> list[str]:
    """Return the ends that have a column; none waits once the season is over."""
    return [end for end in ENDS if end != "waiting" or month.totals["waiting"]]


def _heads(month: Month) -> list[str]:
    return [ENDS[end] for end in _shown(month)]


def _ends(month: Month, counts: Mapping[str, int]) -> list[str]:
    return [number(counts[end]) for end in _shown(month)]


def _appendix_of_places(month: Month) -> str:
    return f"Phụ lục {2 if month.sent else 1}"


def _places(made: Document, month: Month) -> None:
    called = "Xã, phường, đặc khu" if month.scope.province else "Tỉnh, thành phố"
    about = f"Địa chỉ tin cậy đã kiểm tra trong 90 ngày, theo {called.lower()}"
    paper.appendix(made, _appendix_of_places(month), about)
    if not month.scope.province:
        rows = [[p.province, f"{number(p.ready)} / {number(p.communes)}", f"{p.percent}%"] for p in month.provinces]
        paper.table(made, [called, "Số xã có", "Tỷ lệ"], rows, [8, 4, 4])
        return
    every = [(c.label, "Có", f"{day:%d/%m/%Y}") for c, day in month.ready.called]
    every += [(m.commune.label, WHY[m.why], f"{m.last:%d/%m/%Y}" if m.last else "–") for m in month.ready.missing]
    paper.table(
        made,
        ["TT", called, "Tình trạng", "Gọi gần nhất"],
        [[str(n), *row] for n, row in enumerate(every, 1)],
        [1.2, 6.3, 5.5, 3],
    )


def _counted(made: Document, rows: Rows, head: str, caption: str, unit: str = "Số lượt", drawn: bool = True) -> None:
    if not rows:
        paper.say(made, f"{caption}: không có.")
        return
    paper.caption(made, caption)
    paper.table(made, [head, unit], [[name, number(n) if n else UNDER] for name, n in rows], [12, 4])
    if drawn and (told := [(name, n) for name, n in rows if n]):
        paper.picture(made, charts.bars(told), caption)
