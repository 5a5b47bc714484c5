"""The dialog that asks for a file to open or to save, with completion."""

import asyncio
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, OptionList, Static

from engine.errors import NntermError
from engine.printable import printable
from engine.words import counted
from tui.charts.tones import MUTED
from tui.shell.dialogs import Dialog
from tui.widgets.menu_list import MenuList
from tui.widgets.path_completion import Candidates, candidates, completed, with_name
from tui.widgets.plain_input import PlainInput

Attempt = Callable[[Path, bool], Any]
"""Takes a path and whether to replace an existing file; runs in a thread and returns a result.

Raises NntermError for a mistake of the user's, FileExistsError for a file that must not be replaced.
"""


class FileDialog(Dialog[Any]):
    """Asks for a path and tries it; stays open with the error message until the attempt succeeds or escape is pressed.

    Below the field stand the folders and files that the typed text may become: tab completes as a shell does, up and
    down select one of them, enter takes it. Returns the attempt's result, None after escape.

    Args:
        title: the title on the border.
        suffixes: of the files to offer, in lower case.
        attempt: opens or saves the file.
        path: the text at first.
        verb: what enter does with the path.
    """

    DEFAULT_CSS = """
    FileDialog > Vertical { height: auto; max-height: 100%; }
    FileDialog Input, FileDialog Input:focus {
        border: round $accent; background: $background; background-tint: transparent;
    }
    FileDialog #files { max-height: 8; margin: 0 1; scrollbar-size-vertical: 1; }
    FileDialog #folder { color: $text-muted; padding: 0 1; }
    FileDialog #complaint { color: $text-error; height: auto; padding: 0 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "cancel"),
        Binding("tab", "complete", "complete", show=False, priority=True),
        Binding("up", "select(-1)", "previous", show=False, priority=True),
        Binding("down", "select(1)", "next", show=False, priority=True),
    ]

    def __init__(
        self, title: str, suffixes: Sequence[str], attempt: Attempt, path: str = "", verb: str = "open"
    ) -> None:
        super().__init__()
        self._title, self._suffixes, self._attempt = title, tuple(suffixes), attempt
        self._path, self._verb = path, verb
        self._found = Candidates()
        self._replace = ""

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            box.border_title = Content(self._title)
            box.border_subtitle = f"enter {self._verb} · tab complete · ↑↓ select · esc cancel"
            yield PlainInput(
                self._path, id="path", select_on_focus=False, placeholder=f"path of a {self._kind} file"
            )
            yield Static(id="folder")
            files = MenuList(id="files")
            files.can_focus = False
            yield files
            yield Static(id="complaint", markup=False)

    @property
    def _kind(self) -> str:
        return " or ".join(self._suffixes)

    @property
    def _field(self) -> Input:
        return self.query_one("#path", Input)

    @property
    def _files(self) -> MenuList:
        return self.query_one(MenuList)

    def on_mount(self) -> None:
        """List the folder."""
        self._field.focus()
        self._find(self._field.value)

    # completion

    @work(exclusive=True, group="find")
    async def _find(self, text: str) -> None:
        found = await asyncio.to_thread(candidates, text, self._suffixes)
        self._found = found
        self._files.show([Content(f" {printable(name)} ") for name in found.names])
        self._files.highlighted = None
        self._files.display = bool(found.names)
        self.query_one("#folder", Static).update(self._folder_line(found))

    def _folder_line(self, found: Candidates) -> Content:
        count = len(found.names)
        words = found.problem or (
            f"{count} match{'es' if count != 1 else ''}"
            if count
            else f"no folder or {self._kind} file matches"
        )
        if found.others and not found.problem:
            words += f", {counted(found.others, 'other file')} not shown"
        folder = printable(found.folder)
        home = str(Path.home())
        if folder == home or folder.startswith(f"{home}{os.sep}"):
            folder = f"~{folder.removeprefix(home)}"
        return Content.assemble("in ", (folder, "bold"), "  ", (words, MUTED))

    def action_complete(self) -> None:
        """Complete the last part of the path as far as the candidates agree, or to the selected one."""
        selected = self._selected
        if selected is not None:
            self._put(with_name(self._field.value, selected))
        elif self._found.names:
            self._put(completed(self._field.value, self._found.names))

    def action_select(self, by: int) -> None:
        """Select the next or the previous candidate; above the first one, none."""
        count, now = self._files.option_count, self._files.highlighted
        if count:
            wanted = (-1 if now is None else now) + by
            self._files.highlighted = None if wanted == -1 else max(0, wanted) if wanted >= 0 else count - 1

    @property
    def _selected(self) -> str | None:
        index = self._files.highlighted
        return self._found.names[index] if index is not None and index < len(self._found.names) else None

    def _put(self, text: str) -> None:
        self._field.value = text
        self._field.cursor_position = len(text)

    @on(OptionList.OptionSelected)
    def _take(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self._accept(self._found.names[event.option_index])

    def _accept(self, name: str) -> None:
        """Enter a folder, open a file, or take its name for saving."""
        text = with_name(self._field.value, name)
        self._put(text)
        if self._verb == "open" and not name.endswith(os.sep):
            self._try(text)

    # the attempt

    def action_leave(self) -> None:
        """Close without a path."""
        self.dismiss(None)

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        self._replace = ""
        self._complain("")
        self._find(event.value)

    @on(Input.Submitted)
    def _submit(self, event: Input.Submitted) -> None:
        event.stop()
        selected = self._selected
        if selected is not None:
            self._accept(selected)
        elif event.value.strip():
            self._try(event.value.strip())
        else:
            self._complain(f"Type the path of a {self._kind} file, or select one with ↓.")

    @work(exclusive=True, group="try")
    async def _try(self, text: str) -> None:
        try:
            path = Path(text).expanduser()
            if await asyncio.to_thread(path.is_dir):
                self._put(f"{text.rstrip(os.sep)}{os.sep}")
                return
            result = await asyncio.to_thread(self._attempt, path, self._replace == text)
        except FileExistsError:
            self._replace = text
            self._complain(f"{printable(text)} exists. Enter again replaces it; or change the name.")
        except NntermError as error:
            self._complain(f"{error.message}\n{error.hint}".strip())
        except (OSError, RuntimeError, ValueError) as error:  # too long; no such user; a null byte
            self._complain(f"not a path: {error}")
        else:
            self.dismiss(result)

    def _complain(self, message: str) -> None:
        self.query_one("#complaint", Static).update(Content(message))
