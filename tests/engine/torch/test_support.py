"""Members without a counterpart in PyTorch are known without importing it, and no run is created for them."""

from pathlib import Path
from typing import Any

import pytest

from engine.experiment.experiment import Experiment
from engine.nn.activations import ACTIVATIONS, Activation, Tanh
from engine.nn.layers import LAYERS
from engine.runs import fork, launch, list_runs
from engine.runs.folder import Run
from engine.torch import support
from engine.torch.library import NoTwinError


class Plain(Tanh, frozen=True, tag="plain"):
    """An activation that PyTorch lacks."""

    torch_name = ""


@pytest.fixture
def plain(monkeypatch: pytest.MonkeyPatch) -> type[Activation]:
    monkeypatch.setitem(ACTIVATIONS, "plain", Plain)
    return Plain


def experiment(**options: Any) -> Experiment:
    return Experiment.quick("xor", [3], activation="plain", **options)


def test_the_lists_are_those_of_the_modules_that_import_torch() -> None:
    from engine.torch import modules, twin

    assert {kind.spec_type.kind() for kind in modules._MODULES} == set(support.LAYERS)
    assert set(twin._OWN_ACTIVATIONS) == set(support.ACTIVATIONS)
    assert set(twin._OWN_LOSSES) == set(support.LOSSES)
    assert set(support.LAYERS) <= set(LAYERS)


def test_a_member_that_pytorch_lacks_leaves_no_run(plain: type[Activation], tmp_path: Path) -> None:
    with pytest.raises(NoTwinError, match='activation "plain" has no counterpart in PyTorch') as refused:
        launch(experiment(backend="torch"), tmp_path)
    assert refused.value.hint == 'set training.backend = "numpy"'
    assert list_runs(tmp_path) == []


def test_a_fork_to_pytorch_is_refused_too(plain: type[Activation], tmp_path: Path) -> None:
    run = Run.create(experiment(), tmp_path, name="one")
    with pytest.raises(NoTwinError):
        fork(run, 0, {"training.backend": "torch"}, starts=False)
    assert [one.name for one in list_runs(tmp_path)] == ["one"]


def test_numpy_trains_it(plain: type[Activation]) -> None:
    support.check_counterparts(experiment())
