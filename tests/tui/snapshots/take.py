"""Takes the snapshots of all scenes: `python -m tests.tui.snapshots.take` writes them anew, the test compares them."""

import asyncio
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from rich.color import ColorSystem
from textual.app import App
from textual.pilot import Pilot

from tests.tui.hosts import LARGE, PATIENCE_S, SMALL, seen, until, until_steady
from tests.tui.snapshots.picture import characters, styles
from tests.tui.snapshots.scenes import SCENES, Scene

FOLDER = Path(__file__).with_name("expected")
THEMES = ("dark", "light", "high-contrast")


async def taken(scene: Scene, home: Path, expected: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the snapshots of a scene, by file name: the characters at each size, the styles in each theme.

    Each is taken as soon as the screen looks as in `expected`, however long the computer takes to draw what comes
    late; without `expected`, once the screen stands still.
    """
    app = scene.make(home)
    app.console._color_system = ColorSystem.TRUECOLOR
    snapshots: dict[str, str] = {}
    async with app.run_test(size=LARGE) as pilot:
        await until(pilot, lambda: scene.ready in seen(app))
        await pilot.press(*scene.keys)
        for size in (LARGE, SMALL):
            await pilot.resize_terminal(*size)
            await until(pilot, lambda: scene.shows in seen(app))
            for theme in THEMES:
                app.theme = theme
                name = f"{scene.name}-{size[0]}x{size[1]}"
                if expected is None:
                    await until_steady(pilot, lambda: hash(seen(app)))
                else:
                    await _until_alike(pilot, name, theme, expected)
                snapshots |= _pictures(app, name, theme)
    return snapshots


async def _until_alike(pilot: Pilot[int], name: str, theme: str, expected: Mapping[str, str]) -> None:
    """Wait until the screen looks as expected; one that never does is taken as it is in the end."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        pictures = _pictures(pilot.app, name, theme)
        if all(expected.get(file) == text for file, text in pictures.items()):
            return
        await pilot.pause(0.02)


def _pictures(app: App[int], name: str, theme: str) -> dict[str, str]:
    """Return the characters and the styles on the screen, by the names of their files."""
    return {
        f"{name}.txt": "\n".join(characters(app)) + "\n",
        f"{name}.{theme}.styles": "\n".join(styles(app)) + "\n",
    }


def all_taken() -> Iterator[tuple[str, str]]:
    """Yield the file name and the text of every snapshot."""
    for scene in SCENES:
        with tempfile.TemporaryDirectory() as home:
            yield from asyncio.run(taken(scene, Path(home))).items()


def main() -> None:
    """Write the snapshots, and remove those of scenes that are no more."""
    FOLDER.mkdir(exist_ok=True)
    names = set()
    for name, text in all_taken():
        (FOLDER / name).write_text(text, encoding="utf-8")
        names.add(name)
    for path in FOLDER.iterdir():
        if path.name not in names:
            path.unlink()
    print(f"{len(names)} snapshots in {FOLDER}")


if __name__ == "__main__":
    main()
