"""The client of the inspection process: requests go to its stdin, messages come from its stdout."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import msgspec

from engine.errors import NntermError
from engine.inspection.messages import Answer, Failure, Message, Reply, Request, Unseen
from tui.processes.child import child_process


class Received(NamedTuple):
    """A message of the process, with its decoded answer if it is a reply that has one."""

    message: Message
    answer: Answer | Unseen | None = None


class Channel(Protocol):
    """A connection to a process that inspects one run."""

    async def send(self, request: Request) -> None:
        """Send a request; its reply comes by `received`."""
        ...

    def received(self) -> AsyncIterator[Received]:
        """Yield the messages of the process until it ends; the last one is a `Failure` if it crashed."""
        ...


OpenChannel = Callable[[str, Path | None], AbstractAsyncContextManager[Channel]]


class ProcessChannel:
    """A connection through the pipes of a child process."""

    def __init__(self, process: Any) -> None:
        self._process = process

    async def send(self, request: Request) -> None:
        try:
            self._process.stdin.write(msgspec.json.encode(request) + b"\n")
            await self._process.stdin.drain()
        except (BrokenPipeError, ConnectionResetError):  # it has ended; `received` reports why
            return

    async def received(self) -> AsyncIterator[Received]:
        error_output = asyncio.create_task(self._process.stderr.read())
        async for line in self._process.stdout:
            received = await asyncio.to_thread(decode, line)
            if received is not None:
                yield received
        text = (await error_output).decode("utf-8", "replace").strip()
        if code := await self._process.wait():
            last = text.splitlines()[-1] if text else f"exit code {code}"
            yield Received(Failure(f"The inspection process failed: {last}"))


@asynccontextmanager
async def open_channel(run: str, home: Path | None) -> AsyncIterator[Channel]:
    """Start a process that inspects a run; it ends with the context."""
    place = ["--home", str(home)] if home else []
    arguments = ("-m", "engine.inspection.server", run, *place)
    async with child_process(*arguments, takes_input=True) as process:
        yield ProcessChannel(process)


def decode(line: bytes) -> Received | None:
    """Decode a line; return None if it is invalid. Not for the event loop: answers can be large."""
    try:
        message = msgspec.json.decode(line, type=Message)
        if isinstance(message, Reply) and bytes(message.answer) != b"null":
            return Received(message, decode_answer(message.view, message.answer))
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
    except NntermError as error:
        return Received(Failure(error.message, error.hint))
    return Received(message)


def decode_answer(view: str, raw: msgspec.Raw) -> Answer | Unseen:
    """Decode the answer of a view; the first call loads NumPy.

    Raises:
        NntermError: there is no such view.
    """
    from engine.inspection.registry import find_view

    answer: Answer | Unseen = msgspec.json.decode(raw, type=find_view(view).answer | Unseen)
    return answer
