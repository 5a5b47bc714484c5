"""Takes the snapshots of all scenes: `python -m tests.tui.snapshots.take` writes them anew, the test compares them."""

import asyncio
import tempfile
from collections.abc import Iterator
from pathlib import Path

from rich.color import ColorSystem

from tests.tui.hosts import LARGE, SMALL, seen, until, until_steady
from tests.tui.snapshots.picture import characters, styles
from tests.tui.snapshots.scenes import SCENES, Scene

FOLDER = Path(__file__).with_name("expected")
THEMES = ("dark", "light", "high-contrast")


async def taken(scene: Scene, home: Path) -> dict[str, str]:
    """Return the snapshots of a scene, by file name: the characters at each size, the styles in each theme."""
    app = scene.make(home)
    app.console._color_system = ColorSystem.TRUECOLOR
    snapshots: dict[str, str] = {}
    async with app.run_test(size=LARGE) as pilot:
        await until(pilot, lambda: scene.ready in seen(app))
        await pilot.press(*scene.keys)
        for size in (LARGE, SMALL):
            await pilot.resize_terminal(*size)
            await until(pilot, lambda: scene.shows in seen(app))
            name = f"{scene.name}-{size[0]}x{size[1]}"
            for theme in THEMES:
                app.theme = theme
                await until_steady(pilot, lambda: hash(seen(app)))
                snapshots[f"{name}.{theme}.styles"] = "\n".join(styles(app)) + "\n"
                snapshots.setdefault(f"{name}.txt", "\n".join(characters(app)) + "\n")
    return snapshots


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
