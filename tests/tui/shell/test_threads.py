"""A worker thread that finishes after its widget has left the app ends quietly."""

import threading

from textual.app import App, ComposeResult
from textual.widgets import Static

from tui.shell.threads import call_in_app


class Host(App[None]):
    def compose(self) -> ComposeResult:
        yield Static(id="here")


async def test_a_callback_runs_in_the_thread_of_the_app() -> None:
    app, seen = Host(), []
    async with app.run_test() as pilot:
        node = app.query_one("#here")
        worker = threading.Thread(
            target=lambda: call_in_app(node, lambda: seen.append(threading.get_ident()))
        )
        worker.start()
        while not seen:
            await pilot.pause()
        worker.join()
    assert seen == [threading.get_ident()]


async def test_after_the_app_nothing_happens() -> None:
    app, seen, errors = Host(), [], []
    async with app.run_test():
        node = app.query_one("#here")

    def late() -> None:
        try:
            call_in_app(node, seen.append, 1)
        except Exception as error:
            errors.append(error)

    worker = threading.Thread(target=late)
    worker.start()
    worker.join()
    assert (seen, errors) == ([], [])
