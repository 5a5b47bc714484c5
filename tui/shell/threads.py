"""Results of worker threads, handed to the app's own thread."""

from collections.abc import Callable
from functools import partial
from typing import Any

from textual._context import NoActiveAppError
from textual.message_pump import MessagePump


def call_in_app(node: MessagePump, callback: Callable[..., Any], *arguments: Any, **options: Any) -> None:
    """Run `callback` in the app's thread and wait for it; nothing happens where the app has ended.

    For worker threads, which may finish after the widget that started them has left the app.
    """
    try:
        app = node.app
    except NoActiveAppError:
        return
    if app.is_running:
        app.call_from_thread(partial(callback, *arguments, **options))
