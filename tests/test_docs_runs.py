"""The examples of docs/runs.md do what the page says, in a real shell, on a real run."""

import os
import re
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from tests.engine.runs.workshop import Workshop
from tests.waiting import PATIENCE_S

PAGE = Path(__file__).parent.parent / "docs" / "runs.md"
EXAMPLES = re.findall(r"```sh\n(.*?)```", PAGE.read_text(), re.DOTALL)


def shown_by(example: str, run: Path) -> str:
    """Return what an example prints; of one that follows the run, the lines up to epoch 3."""
    follows = "tail -n +1 -f" in example
    process = subprocess.Popen(
        ["sh", "-c", example],
        env=os.environ | {"RUN": str(run)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    if not follows:
        out, err = process.communicate(timeout=PATIENCE_S)
        assert (process.returncode, err) == (0, "")
        return out
    assert process.stdout is not None
    lines = [process.stdout.readline()]
    while '"epoch":3' not in lines[-1]:
        lines.append(process.stdout.readline())
    os.killpg(process.pid, signal.SIGKILL)
    out, err = process.communicate()
    assert (out, err) == ("", "")
    return "".join(lines)


@pytest.mark.skipif(shutil.which("jq") is None, reason="there is no jq")
def test_every_example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.MonkeyPatch.context() as patch:
        shop = Workshop(tmp_path, patch)
        shop.work(dies_at=20)
        shop.resume()
        shop.work()
    said = [shown_by(example, shop.run.path) for example in EXAMPLES]
    status = shop.run.status()
    newest, where, losses, asked, epochs = said
    assert newest == f"[3,{status.validation_accuracy}]\n"
    assert where.startswith("finished epoch 3/3 loss 0.")
    assert len([float(line) for line in losses.splitlines()]) == 3
    assert asked == ""
    assert epochs.splitlines()[-1].startswith('{"epoch":3,"validation_loss":')
    requests = (shop.run.path / "commands.jsonl").read_text().splitlines()
    assert requests[-1] == '{"command":"stop"}'


def test_the_page_names_every_event_and_field_of_the_policy() -> None:
    from engine.events import AnyEvent
    from engine.experiment.specs import CheckpointSpec

    text = PAGE.read_text()
    for kind in AnyEvent.__args__:
        assert f"| `{kind.__struct_config__.tag}` |" in text
    for name in CheckpointSpec.__struct_fields__:
        assert re.search(rf"^{name} +=", text, re.MULTILINE)
