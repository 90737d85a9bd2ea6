"""People and roles: administrators look after everybody, supervisors after the commune staff of their province."""

from __future__ import annotations

from typing import Any, TypeVar

from sqlalchemy import func, select
from starlette.responses import Response

from bot.staff import look, roster
from bot.staff.forms import Form, needed, options, radio, text
from bot.staff.roster import Post, Unclear
from bot.staff.visit import Route, Visit
from nlu.text import fold
from referral_directory.keeper import Refused
from referral_directory.keeping import ROLES, staff
from referral_directory.places import load

PAGE_ROWS = 25
_KEEPERS = ("province", "admin")


class Person(Form):
    """Name, role and place of somebody."""

    name = text("Họ và tên", needed("Ghi họ và tên."), autocomplete="off")
    role = radio("Vai trò", ((role, look.ROLES[role]) for role in ROLES), default="commune")
    place = text("Xã, phường", autocomplete="off")
    pick = radio("Nơi nào trong các nơi này?", validate_choice=False)


SomePerson = TypeVar("SomePerson", bound=Person)


class NewPerson(Person):
    """Somebody who gets an account."""

    login = text("Tên đăng nhập", needed("Đặt tên đăng nhập."), most=80, autocomplete="off", autocapitalize="none", spellcheck="false")  # fmt: skip


def people(visit: Visit) -> Response:
    """List the accounts that one looks after, found by any words of name, login or place, with or without marks."""
    asked = visit.query.get("q", "")[:80]
    number = visit.query.get("page", "1")
    mine = [
        roster.manages(visit.keeper),
        *(staff.c.search_fold.contains(w, autoescape=True) for w in fold(asked).split()),
    ]
    total = visit.db.execute(select(func.count()).select_from(staff).where(*mine)).scalar_one()
    pages = max(1, -(-total // PAGE_ROWS))
    page = min(pages, int(number) if number.isascii() and number.isdigit() and len(number) < 7 and int(number) else 1)
    rows = select(staff).where(*mine).order_by(staff.c.name, staff.c.id).limit(PAGE_ROWS).offset(PAGE_ROWS * (page - 1))
    return visit.page(
        "people", rows=visit.db.execute(rows).all(), q=asked, total=total, page=page, pages=pages,
        seconds=roster.seconds(visit.db, visit.keeper.id),
    )  # fmt: skip


def new_person(visit: Visit) -> Response:
    """Ask for a new account."""
    return visit.page("person_new", form=_form(visit, NewPerson()))


def add_person(visit: Visit) -> Response:
    """Make an account; show its one-time password, once."""
    form = _form(visit, NewPerson(visit.form))
    try:
        post = _post(visit, form) if form.validate() else None
        if post is not None:
            login, name = form.said("login"), form.said("name")
            key, password = roster.create(visit.db, visit.keeper, login, name, post, visit.now)
            made = {"id": key, "name": name, "login": roster.login_of(login), "password": password}
            visit.site.made.put(visit.token, visit.site.keys, made, visit.now)
            return _one_time(visit, made)
    except Refused as refusal:
        made = visit.site.made.look(visit.token, visit.site.keys, visit.now) or {}
        if (made.get("name"), made.get("login")) == (form.said("name"), roster.login_of(form.said("login"))):
            return _one_time(visit, made)
        form.told("login", str(refusal))
    return visit.page("person_new", 400, form=form)


def _one_time(visit: Visit, made: dict[str, str]) -> Response:
    return visit.page(
        "one_time", name=made["name"], login=made["login"], password=made["password"],
        seconds=roster.seconds(visit.db, made["id"]),
    )  # fmt: skip


def person(visit: Visit) -> Response:
    """Show one account and what may be done with it."""
    row = roster.find(visit.db, visit.keeper, visit.path["staff"], to_change=False)
    commune = load().commune(row.commune) if row.commune else None
    place = commune.full if commune else row.province
    return _person(visit, row, _form(visit, Person(data={"name": row.name, "role": row.role, "place": place})))


def _person(visit: Visit, row: Any, form: Form, status: int = 200) -> Response:
    return visit.page(
        "person", status, row=row, form=form, own=row.id == visit.keeper.id, seconds=roster.seconds(visit.db, row.id),
        hindrance=roster.hindrance(visit.keeper, row), mark=roster.mark(row),
    )  # fmt: skip


def change_person(visit: Visit) -> Response:
    """Give an account another name, role or place."""
    row = roster.find(visit.db, visit.keeper, visit.path["staff"])
    form = _form(visit, Person(visit.form))
    if row.id == visit.keeper.id:
        form.role.data = row.role
        post = Post(row.role, row.commune, row.province) if form.validate() else None
    else:
        post = _post(visit, form) if form.validate() else None
    if post is None:
        return _person(visit, row, form, 400)
    roster.change(visit.db, visit.keeper, row.id, form.said("name"), post, visit.now)
    return visit.redirect(f"/people/{row.id}", "Đã ghi.")


def reset_password(visit: Visit) -> Response:
    """Give somebody a one-time password, shown once; a closed account is open again."""
    row = roster.find(visit.db, visit.keeper, visit.path["staff"])
    password = roster.set_password_anew(visit.db, visit.keeper, row, visit.now)
    visit.site.attempts.forgive(row.login, row.id)
    return _one_time(visit, {"id": row.id, "name": row.name, "login": row.login, "password": password})


def reset_code(visit: Visit) -> Response:
    """Take the second factor of somebody away who lost the phone."""
    row = roster.find(visit.db, visit.keeper, visit.path["staff"])
    roster.drop_code(visit.db, visit.keeper, row, visit.now)
    visit.site.attempts.forgive(row.login, row.id)
    return visit.redirect(
        f"/people/{row.id}", "Đã bỏ mã xác thực. Lần đăng nhập tới người này bật lại trên điện thoại mới."
    )


def confirm(visit: Visit) -> Response:
    """Take the word of a second person that an account is in its owner's hands."""
    row = roster.find(visit.db, visit.keeper, visit.path["staff"])
    roster.confirm(visit.db, visit.keeper, row, str(visit.form.get("mark", "")), visit.now)
    return visit.redirect(
        f"/people/{row.id}", f"Đã xác nhận. Từ bây giờ {row.name} mở được lời nhờ gọi lại và phần kín của danh bạ."
    )


def close(visit: Visit) -> Response:
    """Close an account at once."""
    roster.deactivate(visit.db, visit.keeper, visit.path["staff"], visit.now)
    return visit.redirect(f"/people/{visit.path['staff']}", "Đã ngừng tài khoản. Người này bị đăng xuất ngay.")


def _form(visit: Visit, form: SomePerson) -> SomePerson:
    """Leave only the roles that this keeper may give."""
    if visit.keeper.role != "admin":
        form.role.choices = options([("commune", look.ROLES["commune"])])
        form.role.data = "commune"
    return form


def _post(visit: Visit, form: Person) -> Post | None:
    """Return the role and place of a form, or None when the place is not clear yet; the form then says so."""
    near = visit.keeper.province if visit.keeper.role == "province" else ""
    try:
        post = roster.post_of(form.said("role"), form.said("pick") or form.said("place"), near)
        if near and post.province != near:
            form.told("place", f"Nơi này không thuộc {near}.")
            return None
        return post
    except Unclear as unclear:
        form.told("place", _is_a_province(visit, form) or str(unclear))
        form.pick.choices = options((choice, choice) for choice in unclear.choices)
        form.pick.data = None  # none of them is chosen yet
        return None


def _is_a_province(visit: Visit, form: Person) -> str:
    """Return the question to who typed a province for an officer of a commune, else ""."""
    typed = fold(form.said("place")).removeprefix("tinh ").removeprefix("thanh pho ")
    found = next((p.name for p in load().provinces if fold(p.name) == typed), "")
    if visit.keeper.role != "admin" or not found:
        return ""
    return (
        f"{found} là tên tỉnh, thành phố. Bạn muốn chọn vai trò {look.ROLES['province']}? Nếu không, gõ tên xã, phường."
    )


ROUTES = (
    Route("GET", "/people", people, "people", _KEEPERS, nav="Cán bộ"),
    Route("GET", "/people/new", new_person, "new_person", _KEEPERS),
    Route("POST", "/people/new", add_person, "add_person", _KEEPERS),
    Route("GET", "/people/{staff}", person, "person", _KEEPERS),
    Route("POST", "/people/{staff}", change_person, "change_person", _KEEPERS),
    Route("POST", "/people/{staff}/password", reset_password, "reset_password", _KEEPERS),
    Route("POST", "/people/{staff}/code", reset_code, "reset_code", _KEEPERS),
    Route("POST", "/people/{staff}/confirm", confirm, "confirm_person", _KEEPERS),
    Route("POST", "/people/{staff}/close", close, "close", _KEEPERS),
)
