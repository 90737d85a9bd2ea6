"""Where a request comes from: this machine, a proxy, an address. Names of this machine open nothing to others."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from bot import origin
from bot.conversation.order import AT_ONCE_THERE, Meter
from bot.doctor import BROKEN, LOOK, OK, examine
from bot.messages import Incoming
from bot.web import application
from tests.conftest import Bench
from tests.web.test_order import DANGER, Counting, Watch

HERE = "http://localhost/staff/sign-in"


@pytest.mark.parametrize(
    ("peer", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("::1", {}, 200),
        ("::ffff:127.0.0.1", {}, 200),
        ("203.0.113.7", {}, 400),
        ("192.168.1.9", {}, 400),
        ("127.0.0.1", {"X-Forwarded-For": "203.0.113.7"}, 400),
        ("127.0.0.1", {"X-Forwarded-For": "127.0.0.1"}, 400),
        ("127.0.0.1", {"X-Forwarded-Proto": "http"}, 400),
        ("127.0.0.1", {"X-Forwarded-Proto": "https"}, 400),
        ("127.0.0.1", {"X-Real-IP": "203.0.113.7"}, 400),
        ("127.0.0.1", {"Forwarded": "for=203.0.113.7"}, 400),
        ("127.0.0.1", {"Via": "1.1 proxy"}, 400),
    ],
)
async def test_the_name_of_this_machine_opens_the_staff_site_on_it_alone(
    bench: Bench, peer: str, headers: dict[str, str], status: int
) -> None:
    """ "Host: localhost" from elsewhere, or brought by a proxy, is no way round https; the figures stay here too."""
    app = bench.app
    door = application(
        app.receive, app.web, app.health, "https://example.org/", staff=app.staff, hosts=("bot.example",)
    )
    async with httpx.AsyncClient(transport=httpx.ASGITransport(door, client=(peer, 1))) as page:
        assert (await page.get(HERE, headers=headers)).status_code == status
        assert (await page.get("http://localhost/metrics", headers=headers)).status_code == (
            200 if status == 200 else 404
        )


WRITTEN = {"X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "https"}


@pytest.mark.parametrize(
    ("written", "state", "missing"),
    [
        (WRITTEN, OK, ()),
        ({}, BROKEN, ("X-Forwarded-For", "X-Forwarded-Proto")),
        ({"Via": "1.1 proxy"}, BROKEN, ("X-Forwarded-For", "X-Forwarded-Proto")),
        ({"X-Forwarded-Proto": "https"}, BROKEN, ("X-Forwarded-For",)),
        ({"X-Forwarded-For": "127.0.0.1"}, BROKEN, ("X-Forwarded-Proto",)),
        (None, LOOK, ()),
    ],
)
def test_the_doctor_comes_in_as_strangers_do(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, written: dict[str, str] | None, state: str, missing: tuple[str, ...]
) -> None:
    """By each name of ours, through the server before us: one that writes too little, or does not answer, is told with the mend."""
    app = bench.app
    door = application(
        app.receive, app.web, app.health, "https://example.org/", staff=app.staff, hosts=("bot.example",)
    )

    async def brought(path: str) -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(door, client=("127.0.0.1", 1))) as page:
            return await page.get(f"http://127.0.0.1:8080{path}", headers=written)

    def through_the_proxy(url: str, **_: object) -> httpx.Response:
        if written is None or not url.startswith("https://bot.example/"):
            raise httpx.ConnectError("nobody there")
        return asyncio.run(brought(url.removeprefix("https://bot.example")))

    monkeypatch.setattr(httpx, "get", through_the_proxy)
    settings = app.settings.model_copy(update={"hosts": "bot.example"})
    (found,) = [f for f in examine(settings, port=1) if "bot.example" in f.what]
    assert found.state == state
    assert all(name in found.mend for name in missing)
    assert bool(found.mend) == (state != OK)


@pytest.mark.parametrize(
    ("near", "peer", "told", "sender"),
    [
        (True, "127.0.0.1", "198.51.100.1, 203.0.113.7", "203.0.113.7"),
        (True, "127.0.0.1", "10.0.0.5, 192.168.1.5", "192.168.1.5"),  # whoever sits in the office cannot be another
        (True, "172.18.0.1", "203.0.113.7:4711", "203.0.113.7"),
        (False, "172.18.0.1", "203.0.113.7", "172.18.0.1"),
        (True, "8.8.8.8", "198.51.100.1", "8.8.8.8"),
        (True, "127.0.0.1", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        (True, "127.0.0.1", "fe80::1%eth0", "fe80::/64"),
        (True, "127.0.0.1", "nobody", ""),
        (True, "127.0.0.1", "", ""),
    ],
)
async def test_only_the_last_hop_of_our_own_proxy_is_believed(near: bool, peer: str, told: str, sender: str) -> None:
    """What a client made up stands before it; a stranger's headers are not read at all."""
    seen: list[str] = []

    async def inner(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(origin.sender(scope))

    scope: Scope = {
        "type": "http",
        "client": (peer, 1),
        "scheme": "http",
        "headers": [(b"x-forwarded-for", told.encode())],
    }
    await origin.Forwarded(inner, near)(scope, _nothing, _nothing)
    assert seen == [sender]


async def _nothing(*_: object) -> dict[str, object]:
    return {}


async def test_new_cookies_do_not_buy_more_of_the_machine(bench: Bench) -> None:
    """One address writes as 2,000 new people: most need no model; danger among them and other addresses are as ever."""
    watch, counting = Watch(), Counting()
    bench.app.machine.door.channels["web"] = watch
    bench.understanding(counting)
    object.__setattr__(bench.app.machine, "crowd", Meter(50, 5, shared=True))
    flood = [
        asyncio.create_task(bench.app.receive(Incoming("web", f"c{n}", "1", "mình hỏi chút", address="203.0.113.7")))
        for n in range(400)
    ]
    danger = asyncio.create_task(bench.app.receive(Incoming("web", "child", "1", DANGER, address="203.0.113.7")))
    await bench.app.receive(Incoming("web", "other", "1", "bị chồng đánh", address="203.0.113.8"))
    assert "không có lỗi" in "".join(watch.texts["other"])
    await danger
    assert "113" in "".join(watch.texts["child"])
    await asyncio.gather(*flood)
    assert counting.asked < 120
    assert all(watch.texts[f"c{n}"] for n in range(400))


def test_a_school_or_a_factory_is_never_slowed() -> None:
    """40 children who each write every two seconds for half an hour, and 1,000 people in one moment, wait for nothing."""
    meter, one = Meter(AT_ONCE_THERE, 20, shared=True), Incoming("web", "a", "1", address="203.0.113.7")
    assert max(meter.wait(replace(one, chat=f"{n}"), n / 20) or 0.0 for n in range(36_000)) == 0.0
    assert max(meter.wait(replace(one, chat=f"{n}"), 5_000.0) or 0.0 for n in range(1_000)) == 0.0
