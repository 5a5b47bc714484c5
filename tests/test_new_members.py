"""A new member of each family is one file and one line of registration; features that it lacks are reported.

The files in `tests/toys` are the recipes of CONTRIBUTING.md.
"""

import contextlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import engine
from engine.data.registry import DATASETS
from engine.doctor.report import diagnose_experiment
from engine.doctor.telemetry import measure_layers, probe_of
from engine.events import Finished
from engine.experiment.experiment import Experiment, problems
from engine.experiment.summary import summarise
from engine.inspection.messages import Moment, UnfitError
from engine.inspection.registry import VIEWS, find_view
from engine.inspection.snapshot import NetworkSnapshot
from engine.nn.activations import ACTIVATIONS
from engine.nn.initializers import INITIALIZERS
from engine.nn.layers import LAYERS, Size
from engine.nn.losses import LOSSES
from engine.optim.optimizers import OPTIMIZERS
from engine.optim.schedules import SCHEDULES
from engine.proof.stream import CheckFinished, CheckOptions, check
from engine.torch.library import NoTwinError
from engine.torch.support import check_counterparts
from tests.engine.oracles import torch
from tests.toys.activation import Mish
from tests.toys.dataset import TOYS
from tests.toys.initializer import SparseNormal
from tests.toys.layer import ScaleSpec, UnitScale
from tests.toys.loss import SmoothL1
from tests.toys.maxout import Maxout
from tests.toys.optimizer import SignDescent
from tests.toys.schedule import RootDecay
from tui.draft.assess import assess
from tui.draft.fields import FieldReader
from tui.draft.tables import complete, with_layer_added
from tui.draft.views import columns_of, layer_figures

FILE = """
[data]
dataset = "{dataset}"
[network]
loss = "{loss}"
layers = [
  {{ type = "dense", units = 6, activation = "{activation}", init = "{init}" }},
  {layer}
  {{ type = "dense" }},
]
[training]
epochs = 3
batch_size = 32
optimizer = {{ name = "{optimizer}", lr = 0.01 }}
schedule = {{ name = "{schedule}" }}
"""
USUAL = {
    "dataset": "moons",
    "loss": "auto",
    "activation": "tanh",
    "init": "auto",
    "layer": "",
    "optimizer": "adam",
    "schedule": "constant",
}
MEMBERS: dict[str, dict[str, str]] = {
    "activation": {"activation": "mish"},
    "optimizer": {"optimizer": "sign_descent"},
    "schedule": {"schedule": "root_decay"},
    "initialiser": {"init": "sparse_normal"},
    "loss": {"loss": "smooth_l1", "dataset": "sine"},
    "layer": {"layer": '{ type = "scale", start = 0.5 },'},
    "wider layer": {"layer": '{ type = "maxout", units = 9 },'},
    "dataset": {"dataset": "stripes"},
}
LAYER_FAMILIES = ("layer", "wider layer")


@pytest.fixture(autouse=True)
def registered(monkeypatch: pytest.MonkeyPatch) -> None:
    """The line of registration of each member."""
    monkeypatch.setitem(ACTIVATIONS, "mish", Mish)
    monkeypatch.setitem(OPTIMIZERS, "sign_descent", SignDescent)
    monkeypatch.setitem(SCHEDULES, "root_decay", RootDecay)
    monkeypatch.setitem(INITIALIZERS, "sparse_normal", SparseNormal)
    monkeypatch.setitem(LOSSES, "smooth_l1", SmoothL1)
    monkeypatch.setitem(LAYERS, "scale", UnitScale)
    monkeypatch.setitem(LAYERS, "maxout", Maxout)
    monkeypatch.setitem(DATASETS, "stripes", TOYS["stripes"])


@pytest.fixture(params=sorted(MEMBERS))
def family(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def experiment(family: str) -> Experiment:
    return Experiment.from_toml(FILE.format(**USUAL | MEMBERS[family]))


@pytest.fixture
def data(experiment: Experiment) -> engine.Data:
    return engine.load_data(experiment.data)


def trained(experiment: Experiment, data: engine.Data) -> engine.Network:
    network = engine.Network.of(experiment, data)
    *_, last = engine.Trainer(experiment, network, data)
    assert isinstance(last, Finished)
    assert last.state == "finished"
    return network


def test_the_experiment_file_reads_it_and_writes_it(experiment: Experiment) -> None:
    assert Experiment.from_toml(experiment.to_toml()) == experiment
    assert problems(experiment.to_raw()) == []


def test_a_misspelt_option_is_named(family: str) -> None:
    raw = Experiment.from_toml(FILE.format(**USUAL | MEMBERS[family])).to_raw()
    raw["network"]["layers"][0]["activation"] = {"name": "mish", "steep": 1}
    raw["network"]["layers"].insert(1, {"type": "scale", "begin": 1})
    messages = [problem.message for problem in problems(raw)]
    assert any("mish has no such option" in line for line in messages)
    assert any("begin is not a known key" in line for line in messages)


def test_the_builder_shows_and_edits_it(family: str, experiment: Experiment) -> None:
    draft = complete(experiment.to_raw())
    assessment = assess(draft)
    assert assessment.ready, assessment.problems
    reader = FieldReader(draft, assessment)
    fields = [reader.layer(i) for i in range(len(experiment.network.layers))]
    fields += [reader.learning(i) for i in range(len(fields))]
    shown = {field.shown for row in (*fields, reader.training()) for field in row}
    name = next(iter(MEMBERS[family].values()))
    if family not in (*LAYER_FAMILIES, "dataset"):
        assert name in shown
    columns = columns_of(assessment)
    assert len(columns) == len(experiment.network.layers) + 1
    assert all(row.kind for row in layer_figures(draft, assessment))
    assert summarise(experiment).parameters > 0
    added, index = with_layer_added(draft, 0, "scale")
    assert added["network"]["layers"][index]["type"] == "scale"


def test_it_trains_and_is_loaded_from_a_file(
    experiment: Experiment, data: engine.Data, tmp_path: Path
) -> None:
    network = trained(experiment, data)
    path = tmp_path / "toy.safetensors"
    engine.save_network(path, network, experiment)
    loaded, _ = engine.load_network(path)
    x = _rows(data)
    np.testing.assert_array_equal(loaded.forward(x), network.forward(x))


def _rows(data: engine.Data) -> Any:
    x = np.empty((5, int(np.prod(data.input_shape))), np.float32)
    data.train.take(np.arange(5), x)
    return x


def test_its_gradients_are_checked_against_pytorch(
    family: str, experiment: Experiment, data: engine.Data
) -> None:
    *_, last = check(experiment, data, CheckOptions(samples=8))
    assert isinstance(last, CheckFinished)
    assert last.passed, last.problems
    if family in LAYER_FAMILIES:
        assert any("no counterpart in PyTorch" in note for note in last.notes), last.notes
        assert any("the fixed tolerance is used" in spot for spot in last.blind_spots)
    else:
        assert last.torch_version, last.notes


def test_a_wrong_gradient_of_a_toy_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    right = UnitScale.backward
    monkeypatch.setattr(UnitScale, "backward", lambda self, g, wants: right(self, g, wants) * 2)
    experiment = Experiment.from_toml(FILE.format(**USUAL | MEMBERS["layer"]))
    data = engine.load_data(experiment.data)
    network = engine.Network.of(experiment, data)
    report = engine.check_gradients(network, _rows(data), data.train.y[:5])
    assert not report.passed
    assert report.culprit == "layers.1"


def test_a_missing_pytorch_equivalent_is_reported(
    family: str, experiment: Experiment, data: engine.Data
) -> None:
    network = engine.Network.of(experiment, data)
    if family in LAYER_FAMILIES:
        with pytest.raises(NoTwinError, match="no counterpart in PyTorch"):
            engine.verify_with_torch(network, _rows(data), data.train.y[:5], device="cpu")
    elif family in ("optimizer", "schedule"):
        with pytest.raises(NoTwinError, match="no counterpart in PyTorch"):
            engine.check_trajectory(experiment, data, steps=2, device="cpu")
    else:
        assert engine.verify_with_torch(network, _rows(data), data.train.y[:5], device="cpu").passed


def test_a_layer_names_its_twin_and_a_wrong_one_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    experiment = Experiment.from_toml(FILE.format(**USUAL | MEMBERS["layer"]))
    data = engine.load_data(experiment.data)
    network = engine.Network.of(experiment, data)

    def of_scale(self: UnitScale) -> Any:
        class Scale(torch.nn.Module):  # type: ignore[misc, name-defined]
            def __init__(self, n: int) -> None:
                super().__init__()
                self.weight = torch.nn.Parameter(torch.ones(n))

            def forward(self, x: Any) -> Any:
                return x * self.weight

        return Scale(self.n_in)

    def verify() -> bool:
        return engine.verify_with_torch(network, _rows(data), data.train.y[:5], device="cpu").passed

    monkeypatch.setattr(UnitScale, "twin", of_scale)
    assert verify()
    check_counterparts(experiment.with_changes({"training.backend": "torch"}))
    for twin, words in (
        (
            lambda self: torch.nn.Linear(6, 6),
            r"has the parameters weight \(6, 6\), bias \(6,\), the layer weight",
        ),
        (lambda self: 3, "twin returned a int"),
    ):
        monkeypatch.setattr(UnitScale, "twin", twin)
        with pytest.raises(NoTwinError, match=words):
            verify()


def test_telemetry_and_doctor_handle_it(experiment: Experiment, data: engine.Data) -> None:
    network = trained(experiment, data)
    layers = measure_layers(network, *probe_of(network, data, 64))
    assert [layer.kind for layer in layers] == [layer.kind for layer in network.layers if layer.n_parameters]
    for finding in diagnose_experiment(experiment, overfit=True):
        assert finding.message


def test_the_glass_box_shows_it(family: str, experiment: Experiment, data: engine.Data) -> None:
    *steps, last = engine.explain(experiment, data)
    assert last.passed, last.message
    if family == "activation":
        assert any("z tanh(ln(1 + eᶻ))" in getattr(step, "formula", "") for step in steps)
    if family in LAYER_FAMILIES:
        assert any("only shapes and norms are shown" in limit for limit in steps[0].limits)


@pytest.mark.parametrize("view", sorted(VIEWS))
def test_every_view_shows_it_or_gives_a_reason(view: str, experiment: Experiment, data: engine.Data) -> None:
    network = trained(experiment, data)
    snapshot = NetworkSnapshot(network, experiment, Moment(0, 0), lambda: data)
    found = find_view(view)
    with contextlib.suppress(UnfitError):  # a sentence, which the screen shows
        assert isinstance(found.show(snapshot, found.options()), found.answer)


def test_a_spec_has_what_the_builder_needs() -> None:
    assert ScaleSpec.kind() == "scale"
    assert ScaleSpec.table_fields() == ("start",)
    assert ScaleSpec().outline == "scale"


def maxout_after_a_linear_layer() -> Experiment:
    members = {"activation": "linear"} | MEMBERS["wider layer"]
    return Experiment.from_toml(FILE.format(**USUAL | members))


def test_a_kind_that_is_not_affine_is_no_linear_map() -> None:
    findings = diagnose_experiment(maxout_after_a_linear_layer())
    assert "linear-stack" not in [finding.code for finding in findings]


def test_units_with_several_rows_of_weights_are_not_shown_with_one() -> None:
    experiment = maxout_after_a_linear_layer()
    data = engine.load_data(experiment.data)
    snapshot = NetworkSnapshot(engine.Network.of(experiment, data), experiment, Moment(0, 0), lambda: data)
    view = find_view("units")
    assert [layer.name for layer in view.show(snapshot, view.options()).layers] == ["layers.0", "layers.2"]


def test_a_field_of_a_layer_has_no_words_of_another_family() -> None:
    draft = complete(Experiment.from_toml(FILE.format(**USUAL | MEMBERS["layer"])).to_raw())
    (start,) = FieldReader(draft, assess(draft)).layer(1)
    assert (start.label, start.help) == ("layer 1 start", "")


def test_a_layer_without_outputs_is_a_problem_of_the_experiment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Maxout, "size_of", lambda spec, n_in: Size(0, 0, 0, 0, 0, 0))
    (problem,) = problems(_raw_with_maxout())
    assert problem.key == "network.layers[1].type"
    assert "has no outputs" in problem.message


def _raw_with_maxout() -> dict[str, Any]:
    layers = [{"type": "dense", "units": 6}, {"type": "maxout"}, {"type": "dense"}]
    return {"data": {"dataset": "moons"}, "network": {"layers": layers}}
