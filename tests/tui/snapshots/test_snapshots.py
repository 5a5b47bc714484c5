"""Every screen looks as in its snapshot, at both sizes and in three themes; `make snapshots` draws them anew."""

from pathlib import Path

import pytest

from tests.tui.snapshots.scenes import SCENES, Scene
from tests.tui.snapshots.take import FOLDER, taken


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
async def test_it_looks_as_it_did(scene: Scene, tmp_path: Path) -> None:
    expected = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob(f"{scene.name}-*")}
    differing = []
    for name, text in (await taken(scene, tmp_path, expected)).items():
        if text != expected.get(name):
            (tmp_path / name).write_text(text, encoding="utf-8")
            differing.append(f"diff {FOLDER / name} {tmp_path / name}")
    assert not differing, "a screen has changed; see below, then `make snapshots`\n" + "\n".join(differing)
