"""Members of a user's own: registration, and the modules that the environment names."""

import os
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

import engine
from engine.errors import NntermError
from engine.nn.activations import ACTIVATIONS
from engine.plugins import Activation, Layer, load_plugins, register
from engine.plugins.loading import VARIABLE
from tests.engine.plugged import free_registries
from tests.toys.activation import Mish
from tests.toys.dataset import TOYS
from tests.toys.initializer import SparseNormal
from tests.toys.layer import UnitScale
from tests.toys.loss import SmoothL1
from tests.toys.optimizer import SignDescent
from tests.toys.schedule import RootDecay
from tui.cli.completion.answer import complete
from tui.cli.main import main

TWICE = """
from engine.plugins import Activation, register

@register
class Twice(Activation, frozen=True):
    def forward(self, z, out, scratch):
        out[...] = 2 * z

    def backward(self, gradient, z, a, scratch):
        gradient *= 2
"""


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv(VARIABLE, raising=False)
    with free_registries():
        yield


def write(folder: Path, text: str = TWICE, name: str = "twice.py") -> Path:
    path = folder / name
    path.write_text(textwrap.dedent(text))
    return path


def refused(do: object, *arguments: object) -> NntermError:
    with pytest.raises(NntermError) as raised:
        do(*arguments)  # type: ignore[operator]
    assert "\n" not in raised.value.message
    return raised.value


def test_each_family_is_registered_by_its_base_class() -> None:
    for member in (Mish, SmoothL1, SparseNormal, SignDescent, RootDecay, UnitScale):
        assert register(member) is member
    assert register(TOYS["stripes"]) is TOYS["stripes"]
    experiment = engine.Experiment.quick("stripes", layers=[4], activation="mish", optimizer="sign_descent")
    assert experiment.network.layers[0].activation == Mish()  # type: ignore[attr-defined]
    assert register(Mish) is Mish, "a notebook registers it again"


def test_what_is_no_member_is_refused_with_what_it_lacks() -> None:
    class Half(Activation, frozen=True):
        def forward(self, z: object, out: object, scratch: object) -> None: ...

    class Bare(Layer):
        pass

    class Relu(Activation, frozen=True):
        def forward(self, z: object, out: object, scratch: object) -> None: ...
        def backward(self, gradient: object, z: object, a: object, scratch: object) -> None: ...

    assert "Half lacks backward" in refused(register, Half).message
    assert "Bare lacks build, size_of, bind" in refused(register, Bare).message
    assert '"relu" is an activation of nnterm itself' in refused(register, Relu).message
    assert "neither" in refused(register, int).message
    assert "not a int" in refused(register, 3).message


def test_the_environment_names_files_and_modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path)
    write(tmp_path, TWICE.replace("Twice", "TwiceMore"), "more_parts.py")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([".", "/elsewhere"]))
    monkeypatch.setenv(VARIABLE, "twice.py, more_parts")
    load_plugins()
    assert {"twice", "twice_more"} <= set(ACTIVATIONS)
    assert os.environ[VARIABLE] == f"{tmp_path / 'twice.py'},more_parts", (
        "a worker has another working folder"
    )
    assert os.environ["PYTHONPATH"] == os.pathsep.join([str(tmp_path), "/elsewhere"])
    load_plugins()
    del sys.modules["more_parts"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("import no_such_module", "No module named 'no_such_module'"),
        ("1 / 0", "ZeroDivisionError"),
        (TWICE.replace("Twice", "Relu"), '"relu" is an activation of nnterm itself'),
        ("import sys; sys.exit(3)", "SystemExit: 3"),
        (None, "No such file"),
    ],
)
def test_a_broken_plugin_is_named_with_its_error(
    text: str | None,
    words: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = write(tmp_path, text) if text else tmp_path / "absent.py"
    monkeypatch.setenv(VARIABLE, str(path))
    for arguments in (["diagnose", "--dataset", "moons"], ["data", "list"]):
        assert main(arguments) == 2
        out, err = capsys.readouterr()
        assert out == ""
        assert err.startswith(f"error: {VARIABLE}: cannot import {path}: ")
        assert words in err
        assert f"unset {VARIABLE}" in err


def test_help_and_completion_show_own_members_and_json_has_nothing_that_they_print(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(VARIABLE, str(write(tmp_path, f"print('noise')\n{TWICE}")))
    assert main(["init", str(tmp_path / "x.toml"), "--dataset", "xor", "--json"]) == 0
    shown = capsys.readouterr()
    assert (shown.out.startswith('{"type":"written"'), "noise" in shown.err) == (True, True)
    assert main(["train", "--help"]) == 0
    assert "softmax, step, twice." in " ".join(capsys.readouterr().out.split())
    assert [word for word, _ in complete(["train", "--set"], "activation=twi")] == ["activation=twice"]


def test_a_run_trains_and_is_read_where_the_variable_is_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(VARIABLE, "twice.py")
    home = ["--home", str(tmp_path / "home")]
    options = ["--dataset", "xor", "--layers", "2", "--activation", "twice", "--epochs", "2", "--name", "own"]
    assert main([*home, "train", *options]) == 0, capsys.readouterr().err
    assert main([*home, "evaluate", "own"]) == 0
    monkeypatch.delenv(VARIABLE)
    with free_registries():
        ACTIVATIONS.pop("twice")
        capsys.readouterr()
        assert main([*home, "evaluate", "own"]) == 2
        assert f"your own: {VARIABLE}" in capsys.readouterr().err
        assert main([*home, "show", "own"]) == 2
        assert "is damaged" not in capsys.readouterr().err


def test_no_file_makes_nnterm_import_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "raise SystemExit('imported')", "evil.py")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    for text in ('plugins = ["evil.py"]', '[network]\nplugins = ["evil"]', 'name = "evil.py"'):
        (tmp_path / "stranger.toml").write_text(f'{text}\n[data]\ndataset = "xor"')
        if "plugins" in text:
            assert "plugins is not a known key" in refused(engine.Experiment.load, "stranger.toml").message
    for layer in (
        {"type": "evil"},
        {"units": 2, "activation": "evil.Evil"},
        {"units": 2, "activation": "evil.py"},
    ):
        assert refused(
            engine.Experiment.from_raw, {"data": {"dataset": "xor"}, "network": {"layers": [layer]}}
        )
