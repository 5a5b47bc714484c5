"""The values that an option or argument takes, for the shell's completion."""

from collections.abc import Callable
from typing import Any

Completer = Callable[..., list[tuple[str, str]]]


def takes(kind: str) -> Completer:
    """Return Typer's completion callback for values of a kind; see `tui.cli.completion.candidates`."""

    def complete(ctx: Any, incomplete: str) -> list[tuple[str, str]]:
        from tui.cli.completion.candidates import candidates

        return candidates(kind, ctx.params, incomplete)

    return complete


KEY_VALUE: dict[str, Any] = {"metavar": "KEY=VALUE", "autocompletion": takes("keys")}
"""Of the options that set a key."""
