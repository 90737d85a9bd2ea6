"""The platforms that the settings name, each made only where there is a token: reading its library takes time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from typing import TYPE_CHECKING, Protocol

from sqlalchemy import Engine

from bot.channels.webhook import Webhook
from bot.delivery.door import Channel
from bot.errors import SettingsError
from bot.messages import Incoming
from bot.settings import Settings
from bot.store.keys import Keys
from bot.store.pace import Pace

if TYPE_CHECKING:
    from bot.channels.telegram import Telegram
    from bot.channels.zalo_bot import ZaloBot
    from bot.channels.zalo_oa import ZaloOA


class Platform(Channel, Webhook, Protocol):
    """A channel that belongs to somebody else: it is written to, it calls us or is asked, and it is closed."""

    polls: bool
    """Whether it must be asked for updates, because nobody set up a webhook."""

    async def poll(self, receive: Callable[[Incoming], Awaitable[None]]) -> None:
        """Ask for updates until cancelled."""
        ...

    async def close(self) -> None:
        """Close the connections."""
        ...


def named(settings: Settings, store: Engine, keys: Keys) -> tuple[Platform, ...]:
    """Return every platform that the settings name; raise `SettingsError` when a part of one is not set."""
    found: tuple[Platform | None, ...] = telegram(settings), zalo(settings), zalo_oa(settings, store, keys)
    return tuple(platform for platform in found if platform)


def telegram(settings: Settings) -> Telegram | None:
    """Return the Telegram bot, if there is a token."""
    if not settings.telegram_token:
        return None
    from bot.channels.telegram import Telegram  # 0.7 s to import

    return Telegram(
        settings.telegram_token,
        settings.telegram_api,
        settings.telegram_webhook_secret,
        settings.telegram_rate,
        settings.data_dir / "cards",
    )


def zalo(settings: Settings) -> ZaloBot | None:
    """Return the Zalo bot, if there is a token."""
    if not settings.zalo_token:
        return None
    from bot.channels.zalo_bot import ZaloBot

    return ZaloBot(settings.zalo_token, settings.zalo_api, settings.zalo_webhook_secret, settings.zalo_rate)


def zalo_oa(settings: Settings, store: Engine, keys: Keys) -> ZaloOA | None:
    """Return the Zalo Official Account, if there is one; raise `SettingsError` when a part of it is not set."""
    if not settings.zalo_oa_app_id:
        return None
    from bot.channels.zalo_oa import ZaloOA
    from bot.store.tokens import Pair, Tokens

    missing = [
        f"TINCAY_{name.upper()}"
        for name in ("zalo_oa_app_secret", "zalo_oa_secret", "zalo_oa_access_token", "zalo_oa_refresh_token")
        if not getattr(settings, name)
    ]
    if missing:
        raise SettingsError(f"Zalo OA cần thêm {', '.join(missing)}. / Zalo OA needs these settings too.")
    first = Pair(settings.zalo_oa_access_token, settings.zalo_oa_refresh_token)
    return ZaloOA(
        settings.zalo_oa_app_id, settings.zalo_oa_app_secret, settings.zalo_oa_secret,
        Tokens(store, keys, "zalo_oa", first), settings.zalo_oa_api, settings.zalo_oa_oauth,
    )  # fmt: skip


def paces(settings: Settings, channels: Collection[str]) -> dict[str, Pace]:
    """Return the pace of each channel that can write to people first."""
    known = {
        "telegram": Pace(settings.telegram_rate),
        "zalo": Pace(settings.zalo_rate, settings.zalo_monthly_messages),
    }
    return {name: pace for name, pace in known.items() if name in channels}
