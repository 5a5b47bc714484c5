"""Surveys the devices of this machine in a separate process, since that takes seconds and loads torch."""

import asyncio
from collections.abc import AsyncGenerator

import msgspec

from engine.devices.survey import Line
from engine.errors import DeviceError
from tui.processes.child import child_process


async def survey() -> AsyncGenerator[Line, None]:
    """Yield the lines of `nnterm devices --json` as they come; closing the iterator ends the process.

    Raises:
        DeviceError: the process failed, or printed a line that is no part of a survey.
    """
    async with child_process("-m", "tui.cli.main", "devices", "--json") as process:
        complaints = asyncio.create_task(process.stderr.read())
        async for line in process.stdout:
            try:
                yield msgspec.json.decode(line, type=Line)
            except msgspec.MsgspecError:
                raise DeviceError(
                    f"the device survey printed an unknown line: {line.decode('utf-8', 'replace').strip()}"
                ) from None
        text = (await complaints).decode("utf-8", "replace").strip()
        code = await process.wait()
        if code:
            last = text.splitlines()[-1] if text else f"exit code {code}"
            raise DeviceError(f"the device survey failed: {last}")
