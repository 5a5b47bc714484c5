"""The inspection server in a thread instead of a process, which would take a second to start."""

import asyncio
import queue
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import msgspec

from engine.errors import NntermError
from engine.inspection.inspector import Inspector
from engine.inspection.messages import Failure, Message, Request
from engine.inspection.server import serve
from engine.runs import Run
from tui.inspect.client import Channel, Received, decode


class ThreadChannel:
    """Passes requests to a server in a thread, and records them."""

    def __init__(self, run: str, home: Path | None) -> None:
        self.requests: list[Request] = []
        self._run, self._home = run, home
        self._waiting: queue.Queue[Request | None] = queue.Queue()
        self._output: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._loop = asyncio.get_running_loop()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        try:
            for message in serve(Inspector(Run.open(self._run, self._home)), self._receive):
                self._emit(message)
        except NntermError as error:
            self._emit(Failure(error.message, error.hint))
        self._put(None)

    def _receive(self, wait: bool) -> Request | None:
        try:
            request = self._waiting.get(block=wait)
        except queue.Empty:
            return None
        if request is None:
            raise EOFError
        return request

    def _emit(self, message: Message) -> None:
        self._put(msgspec.json.encode(message))

    def _put(self, line: bytes | None) -> None:
        with suppress(RuntimeError):  # the loop is closed: the app has ended
            self._loop.call_soon_threadsafe(self._output.put_nowait, line)

    async def send(self, request: Request) -> None:
        self.requests.append(request)
        self._waiting.put(request)

    async def received(self) -> AsyncIterator[Received]:
        while (line := await self._output.get()) is not None:
            received = decode(line)
            if received is not None:
                yield received

    async def close(self) -> None:
        self._waiting.put(None)
        await asyncio.to_thread(self._thread.join)


class Channels:
    """Opens channels and stores them."""

    def __init__(self) -> None:
        self.opened: list[ThreadChannel] = []

    @asynccontextmanager
    async def open(self, run: str, home: Path | None) -> AsyncIterator[Channel]:
        channel = ThreadChannel(run, home)
        self.opened.append(channel)
        try:
            yield channel
        finally:
            await channel.close()
