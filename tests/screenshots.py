"""Draws the screens from the real app into SVG files: `python -m tests.screenshots FOLDER`.

A real network trains on MNIST meanwhile, in a home of its own that is thrown away.
"""

import asyncio
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from rich.color import ColorSystem
from textual.pilot import Pilot

from engine.experiment import Experiment
from engine.runs import launch
from tui.app import NntermApp

RATES = (0.001, 0.01, 0.1)
"""Of the runs that are compared."""
SIZE = (140, 45)
PATIENCE_S = 120.0


async def until(pilot: Pilot[int], holds: Callable[[], bool], what: str) -> None:
    """Wait for a condition.

    Raises:
        TimeoutError: it does not come true.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + PATIENCE_S
    while not holds():
        if loop.time() > deadline:
            raise TimeoutError(f"waited in vain for {what}")
        await pilot.pause(0.1)


async def draw(folder: Path, home: Path) -> None:
    """Walk from the dataset to the proof, and save each screen on the way."""
    for rate in RATES:
        launch(Experiment.quick("spirals", [32, 32], lr=rate, epochs=40, name=f"spirals-lr-{rate}"), home)
    app = NntermApp(home)
    app.console._color_system = ColorSystem.TRUECOLOR  # whatever this process runs in
    async with app.run_test(size=SIZE) as pilot:

        def save(name: str) -> None:
            (folder / f"{name}.svg").write_text(app.export_screenshot(title="nnterm"), encoding="utf-8")
            print(folder / f"{name}.svg")

        await until(pilot, lambda: "parameters" not in shown(app) and "5,923" in shown(app), "the digits")
        save("data")
        await pilot.press("enter")
        await until(pilot, lambda: "784" in shown(app) and "start from" in shown(app), "the presets")
        await pilot.press("enter")
        await until(pilot, lambda: "ready" in shown(app) and "109,386" in shown(app), "the network")
        save("build")
        await pilot.press("enter")
        await until(pilot, lambda: "epoch 4" in shown(app), "the fourth epoch")
        save("train")
        await pilot.press("g")
        await until(pilot, lambda: "agree with" in shown(app), "the verdict")
        save("gradients")
        await pilot.press("6")
        await until(pilot, lambda: "✓ finished" in shown(app) and "┤" in shown(app), "the runs")
        save("runs")
        await pilot.press("j", *"vvvb")
        await until(pilot, lambda: "differs" in shown(app) and "┤" in shown(app), "the comparison")
        await pilot.pause(1.0)
        save("compare")
        await draw_inspection(app, pilot, save)


async def draw_inspection(app: NntermApp, pilot: Pilot[int], save: Callable[[str], None]) -> None:
    """Look into the digits' network, then watch a boundary while it is being found."""
    await pilot.press("f6")
    await until(pilot, lambda: "Without hidden layers:" in shown(app), "the baseline")
    save("inspect")
    await pilot.press("e")
    await until(pilot, lambda: "taken for" in shown(app), "the mistakes")
    save("inspect-errors")
    await pilot.press("w")
    await until(pilot, lambda: "one scale for all" in shown(app), "the weights")
    save("inspect-weights")
    spirals = Experiment.quick("spirals", [32, 32], epochs=400)
    app.session.run = launch(spirals, app.session.home, "spirals").name
    await pilot.press("b")
    await until(pilot, lambda: "live" in shown(app) and "arm 1" in shown(app), "the boundary")
    await until(pilot, lambda: "epoch 1" in shown(app) or "epoch 2" in shown(app), "a curl of it")
    save("inspect-boundary-live")


def shown(app: NntermApp) -> str:
    """Return the text on the screen."""
    return "\n".join(
        "".join(segment.text for segment in line) for line in app.screen._compositor.render_strips()
    )


def main() -> None:
    """Draw into the folder that the command line names."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "screenshots")
    folder.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        asyncio.run(draw(folder, Path(home)))


if __name__ == "__main__":
    main()
