"""Makes Textual's pilot wait for the app instead of the clock, and parse each style sheet once.

Textual's own pilot takes 20 ms without CPU use for a sign that an app is idle, after every key. That is slow, and
wrong on a busy computer. Here an app is idle when its event loop has nothing left to run. What threads and other
processes will still send is awaited by the tests, with `until`.
"""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import textual.app
import textual.pilot
from textual.css import stylesheet

IDLE_LIMIT_S = 10.0
"""The longest wait for an app that is never idle."""


async def wait_for_idle(min_sleep: float = 0.0, max_sleep: float = IDLE_LIMIT_S) -> None:
    """Return when the event loop has nothing to run but this."""
    loop: Any = asyncio.get_running_loop()
    deadline = loop.time() + IDLE_LIMIT_S
    await asyncio.sleep(min_sleep)
    while loop._ready and loop.time() < deadline:
        await asyncio.sleep(0)


def remembering(parse: Callable[..., Iterator[Any]]) -> Callable[..., Iterator[Any]]:
    """Return `parse`, which parses the same style sheet with the same variables once."""
    known: dict[Any, list[Any]] = {}

    def parse_once(
        scope: str, css: str, read_from: Any, variables: Any = None, **options: Any
    ) -> Iterator[Any]:
        tokens = options.pop("variable_tokens", None)
        key = (scope, css, read_from, *sorted((variables or {}).items()), *sorted(options.items()))
        if key not in known:
            rules = parse(scope, css, read_from, variables=variables, variable_tokens=tokens, **options)
            known[key] = list(rules)
        return iter(known[key])

    return parse_once


textual.app.wait_for_idle = wait_for_idle  # type: ignore[attr-defined]
textual.pilot.wait_for_idle = wait_for_idle  # type: ignore[attr-defined]
stylesheet.parse = remembering(stylesheet.parse)  # type: ignore[attr-defined]
