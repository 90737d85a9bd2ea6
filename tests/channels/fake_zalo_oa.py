"""A Zalo Official Account on loopback: keeps what it accepted, hands out tokens that can be used once, fails as told.

    python -m tests.channels.fake_zalo_oa --port 9092

then `TINCAY_ZALO_OA_API=http://127.0.0.1:9092 TINCAY_ZALO_OA_OAUTH=http://127.0.0.1:9092` with the app id and secrets below.

    curl http://127.0.0.1:9092/fake/state
    curl http://127.0.0.1:9092/fake/fail -d '{"error": -216, "times": 1}'
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
from typing import Any
from urllib.parse import parse_qsl

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from tests.channels.fake_telegram import Cut

APP_ID, APP_SECRET = "360846524940903967", "app-secret-for-tests"


class FakeOA:
    """All that the platform knows; `failures` are rows ``{at: send|oauth, error, html, reset, accept, seconds, times}``."""

    def __init__(self) -> None:
        self.access, self.refresh = "access-0", "refresh-0"
        self.sent: list[dict[str, Any]] = []
        self.refreshes: list[str] = []
        self.failures: list[dict[str, Any]] = []
        self.numbers = itertools.count(1)

    async def send(self, request: Request) -> Response:
        """The customer-service message; errors are HTTP 200 with `error` not 0."""
        body = json.loads(await request.body())
        if (failed := await self._failure("send")) is not None:
            return failed
        if request.headers.get("access_token") != self.access:
            return JSONResponse({"error": -216, "message": "Access token is invalid"})
        if not body["message"].get("text") or len(body["message"]["text"].encode("utf-16-le")) > 4000:
            return JSONResponse({"error": -201, "message": "Params is invalid"})
        self.sent.append(body)
        return JSONResponse(
            {"error": 0, "message": "Success", "data": {"message_id": f"m{next(self.numbers)}", "user_id": "1"}}
        )

    async def oauth(self, request: Request) -> Response:
        """A refresh token is good for one time."""
        form = dict(parse_qsl((await request.body()).decode()))
        self.refreshes.append(form.get("refresh_token", ""))
        if (failed := await self._failure("oauth")) is not None:
            return failed
        good = request.headers.get("secret_key") == APP_SECRET and form.get("app_id") == APP_ID
        if not good or form.get("refresh_token") != self.refresh or form.get("grant_type") != "refresh_token":
            return JSONResponse({"error": -14014, "error_name": "Invalid refresh token"})
        number = next(self.numbers)
        self.access, self.refresh = f"access-{number}", f"refresh-{number}"
        return JSONResponse({"access_token": self.access, "refresh_token": self.refresh, "expires_in": "90000"})

    async def _failure(self, at: str) -> Response | None:
        row = next((f for f in self.failures if f.get("at", "send") == at and f["times"] > 0), None)
        if row is None:
            return None
        row["times"] -= 1
        await asyncio.sleep(row.get("seconds", 0))
        if row.get("reset"):
            return Cut()
        if row.get("html"):
            return HTMLResponse("<html>502</html>", 502)
        return JSONResponse({"error": row["error"], "message": "told to fail"})


def site(fake: FakeOA) -> Starlette:
    """Return the server: the OpenAPI, and `/fake/…` to steer it."""

    async def fail(request: Request) -> Response:
        fake.failures.append({"times": 1, **json.loads(await request.body())})
        return JSONResponse({})

    async def state(_: Request) -> Response:
        return JSONResponse({"sent": fake.sent, "refreshes": fake.refreshes, "access": fake.access})

    async def expire(_: Request) -> Response:
        fake.access = "expired"
        return JSONResponse({})

    return Starlette(
        routes=[
            Route("/v3.0/oa/message/cs", fake.send, methods=["POST"]),
            Route("/v4/oa/access_token", fake.oauth, methods=["POST"]),
            Route("/fake/fail", fail, methods=["POST"]),
            Route("/fake/expire", expire, methods=["POST"]),
            Route("/fake/state", state),
        ]
    )


if __name__ == "__main__":
    read = argparse.ArgumentParser()
    read.add_argument("--port", type=int, default=9092)
    uvicorn.run(site(FakeOA()), port=read.parse_args().port, log_level="critical", timeout_graceful_shutdown=1)
