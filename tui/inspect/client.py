"""The process that looks into a run for the app: what it is asked, and what it says, decoded in a thread."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import msgspec

from engine.inspection.messages import Answer, Failure, Message, Reply, Request, Unseen
from tui.processes.child import child_process


class Received(NamedTuple):
    """A message of the process, and the answer in it where it is a reply that has one."""

    message: Message
    answer: Answer | Unseen | None = None


class Channel(Protocol):
    """A process that looks into one run."""

    async def send(self, request: Request) -> None:
        """Send a request; the reply comes with the others."""
        ...

    def received(self) -> AsyncIterator[Received]:
        """Yield what the process says, until it ends; always ends with a `Failure` where it broke down."""
        ...


OpenChannel = Callable[[str, Path | None], AbstractAsyncContextManager[Channel]]


class ProcessChannel:
    """Talks with a process through its pipes."""

    def __init__(self, process: Any) -> None:
        self._process = process

    async def send(self, request: Request) -> None:
        try:
            self._process.stdin.write(msgspec.json.encode(request) + b"\n")
            await self._process.stdin.drain()
        except (BrokenPipeError, ConnectionResetError):  # it has ended; `heard` says why
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
            yield Received(Failure(f"looking into the run broke down: {last}"))


@asynccontextmanager
async def open_channel(run: str, home: Path | None) -> AsyncIterator[Channel]:
    """Start a process that looks into a run; it ends with the context."""
    place = ["--home", str(home)] if home else []
    arguments = ("-m", "engine.inspection.server", run, *place)
    async with child_process(*arguments, takes_input=True) as process:
        yield ProcessChannel(process)


def decode(line: bytes) -> Received | None:
    """Return what a line says; None for one that cannot be read. Not for the event loop: a map is large."""
    try:
        message = msgspec.json.decode(line, type=Message)
        if isinstance(message, Reply) and bytes(message.answer) != b"null":
            return Received(message, decode_answer(message.view, message.answer))
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
    return Received(message)


def decode_answer(view: str, raw: msgspec.Raw) -> Answer | Unseen:
    """Return the answer of a view; loads NumPy at its first call."""
    from engine.inspection.registry import VIEWS

    answer: Answer | Unseen = msgspec.json.decode(raw, type=VIEWS[view].answer | Unseen)
    return answer
