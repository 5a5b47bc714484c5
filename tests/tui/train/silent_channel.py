"""Channels for the boundary on the Train screen that start no process."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from engine.inspection.messages import Request
from tui.inspect.client import Channel, Received


class SilentChannel:
    """Takes requests and answers none."""

    async def send(self, request: Request) -> None:
        return

    async def received(self) -> AsyncIterator[Received]:
        await asyncio.Event().wait()
        for received in ():
            yield received


@asynccontextmanager
async def silent(run: str, home: Path | None) -> AsyncIterator[Channel]:
    yield SilentChannel()
