"""Start a program that may write to its own folders only, reads no secret of ours, and calls nobody (Linux).

    python -m bot.cage --hide FOLDER… --read FOLDER… --write FOLDER… --bind PORT --memory MB -- PROGRAM WORD…

Standard library only, and Python 3.10: the understanding server starts through here with its own Python. What the kernel
does not know is left out; `tincay doctor` tells. The memory limit and the ban on new privileges hold everywhere.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import resource
import struct
import sys
from collections.abc import Iterator
from pathlib import Path

_CREATE, _ADD, _RESTRICT = 444, 445, 446
"""System calls of Landlock, the same on every architecture."""
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR, _REFER, _TRUNCATE = 1, 2, 4, 8, 1 << 13, 1 << 14
_CHANGE = sum(1 << bit for bit in range(4, 13))
"""Make and remove files, folders, links, sockets, devices."""
_FILE_RIGHTS = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE
_BIND_TCP, _CONNECT_TCP = 1, 2
_BENEATH, _PORT = 1, 2
_libc = ctypes.CDLL(None, use_errno=True)


def main() -> None:
    """Close the cage around this process and become the program."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--write", nargs="*", type=Path, default=[])
    asked.add_argument("--read", nargs="*", type=Path, default=[])
    asked.add_argument("--hide", nargs="*", type=Path, default=[])
    asked.add_argument("--bind", type=int, default=0)
    asked.add_argument("--memory", type=int, default=0)
    asked.add_argument("program", nargs="+")
    told = asked.parse_args()
    if told.memory:
        resource.setrlimit(resource.RLIMIT_DATA, (told.memory * 1_000_000,) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a dump would hold what people wrote
    if sys.platform == "linux":
        _libc.prctl(38, 1, 0, 0, 0)  # PR_SET_NO_NEW_PRIVS
        confine(told.write, told.read, told.hide, told.bind)
    os.execv(told.program[0], told.program)  # noqa: S606 - no shell


def version() -> int:
    """Return the version of the kernel's Landlock: 1 guards files, 4 connections too, 0 where there is none."""
    return max(0, int(_libc.syscall(_CREATE, None, 0, 1))) if sys.platform == "linux" else 0


def confine(write: list[Path], read: list[Path], hide: list[Path], bind: int) -> None:
    """Let this process write only beneath `write`, read nothing beneath `hide` but `read`, connect nowhere, listen on `bind`."""
    known = version()
    if not known:
        return
    handled = _EXECUTE | _WRITE_FILE | _READ_FILE | _CHANGE
    handled |= (_REFER if known >= 2 else 0) | (_TRUNCATE if known >= 3 else 0)
    sockets = _BIND_TCP | _CONNECT_TCP if known >= 4 else 0
    rules = struct.pack("=QQ", handled, sockets)[: 16 if known >= 4 else 8]
    ruleset = _call(_CREATE, rules, len(rules), 0)
    seen = [*readable(Path("/"), [folder.resolve() for folder in hide]), *(folder.resolve() for folder in read)]
    for path in seen:
        _allow(ruleset, path, _EXECUTE | _READ_FILE)
    for path in [*(folder.resolve() for folder in write), Path("/dev/null"), Path("/dev/shm")]:  # noqa: S108 - a place of the kernel, where Python keeps its locks
        _allow(ruleset, path, handled)
    if sockets and bind:
        _call(_ADD, ruleset, _PORT, struct.pack("=QQ", _BIND_TCP, bind), 0)
    _call(_RESTRICT, ruleset, 0)
    os.close(ruleset)


def readable(folder: Path, hidden: list[Path]) -> Iterator[Path]:
    """Return what lies beneath a folder and is not hidden: rules can only allow, so the way to each secret is opened
    beside it."""
    if folder in hidden:
        return
    if not any(folder in secret.parents for secret in hidden):
        yield folder
        return
    for child in folder.iterdir():
        if not child.is_symlink():  # where it leads, the way there decides
            yield from readable(child, hidden)


def _allow(ruleset: int, path: Path, rights: int) -> None:
    try:
        at = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    rights &= -1 if path.is_dir() else _FILE_RIGHTS
    try:
        _call(_ADD, ruleset, _BENEATH, struct.pack("=Qi", rights, at), 0)
    finally:
        os.close(at)


def _call(number: int, *words: object) -> int:
    done = int(_libc.syscall(number, *words))
    if done < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return done


if __name__ == "__main__":
    main()
