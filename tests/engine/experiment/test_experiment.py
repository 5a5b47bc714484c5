"""The experiment: TOML read and written, "auto" resolved, all mistakes at once, changes, quick, and files."""

import contextlib
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import DataError, ExperimentError, NntermError
from engine.experiment.experiment import Experiment, problems
from engine.nn.activations import ACTIVATIONS
from engine.nn.initializers import INITIALIZERS
from engine.nn.losses import Mse
from engine.optim.optimizers import OPTIMIZERS, Adam, Perceptron, Sgd
from engine.optim.schedules import SCHEDULES, Cosine

BINARY = "binary_cross_entropy"
MNIST = """
name  = "mnist-mlp"
seed  = 0
force = false                 # true: build and train even what makes no sense (to see it fail)

[data]
dataset    = "mnist"
target     = ""
task       = "auto"
validation = 0.1
limit      = 0
scale      = "auto"

[network]
loss = "auto"
layers = [
  { type = "dense", units = 128, activation = "relu", init = "he_normal" },
  { type = "dense", units = 64,  activation = "relu" },
  { type = "dense", units = 10,  activation = "softmax" },
]

[training]
epochs     = 10
batch_size = 64
backend    = "numpy"
device     = "auto"
dtype      = "float32"
clip_norm  = 0.0
patience   = 0
optimizer  = { name = "sgd", lr = 0.1, momentum = 0.0 }
schedule   = { name = "constant" }
"""


def refusal(text: str, **options: Any) -> ExperimentError:
    with pytest.raises(ExperimentError) as caught:
        Experiment.from_toml(text, **options)
    return caught.value


def shape(experiment: Experiment) -> list[tuple[int, str, str]]:
    layers = experiment.network.layers
    return [(layer.units, layer.activation.name, layer.init.name) for layer in layers]


# Reading and writing


def test_the_documented_example_is_read_correctly() -> None:
    experiment = Experiment.from_toml(MNIST)
    assert (experiment.name, experiment.seed, experiment.force) == ("mnist-mlp", 0, False)
    assert shape(experiment) == [
        (128, "relu", "he_normal"),
        (64, "relu", "he_normal"),
        (10, "softmax", "xavier_normal"),
    ]
    assert experiment.network.loss.name == "cross_entropy"
    assert experiment.data.task == "classification"
    assert experiment.training.optimizer == Sgd(lr=0.1)


@pytest.mark.parametrize("text", ["", "# nothing", "seed = 1", "[data]\nlimit = 9", "[training]\nepochs = 2"])
def test_a_file_without_a_dataset_is_refused_in_one_line(text: str) -> None:
    error = refusal(text, source="empty.toml")
    assert error.message == "empty.toml: data.dataset is missing: it names what the network learns"
    assert "nnterm init" in error.hint


positive = st.floats(1e-6, 10)
shares = st.floats(0, 0.99)
inits = st.sampled_from(sorted(INITIALIZERS)) | st.builds(
    lambda mean, std: {"name": "normal", "mean": mean, "std": std}, st.floats(-1, 1), positive
)
activations = st.sampled_from(sorted(set(ACTIVATIONS) - {"step"})) | st.builds(
    lambda slope: {"name": "leaky_relu", "slope": slope}, st.floats(-1, 1)
)
hidden = st.fixed_dictionaries(
    {"units": st.integers(1, 300), "activation": activations, "init": inits, "bias": inits}
)
raw_experiments = st.fixed_dictionaries(
    {
        "name": st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20),
        "seed": st.integers(0, 2**63 - 1),
        "data": st.fixed_dictionaries(
            {"dataset": st.sampled_from(["mnist", "xor", "spirals", "sine"]), "validation": shares},
            optional={"limit": st.integers(0, 99), "seed": st.integers(0, 99), "noise": shares},
        ),
        "network": st.builds(lambda layers: {"layers": [*layers, {}]}, st.lists(hidden, max_size=3)),
        "training": st.fixed_dictionaries(
            {"epochs": st.integers(1, 10**6), "batch_size": st.integers(0, 10**6), "clip_norm": shares},
            optional={
                "optimizer": st.sampled_from(sorted(set(OPTIMIZERS) - {"perceptron"}))
                | st.builds(lambda lr, momentum: {"lr": lr, "momentum": momentum}, positive, shares),
                "schedule": st.sampled_from(sorted(SCHEDULES)),
                "dtype": st.sampled_from(["float32", "float64"]),
            },
        ),
    }
)


@given(raw=raw_experiments)
def test_writing_and_reading_toml_gives_the_same_experiment(raw: dict[str, Any]) -> None:
    experiment = Experiment.from_raw(raw)
    assert Experiment.from_toml(experiment.to_toml()) == experiment
    assert Experiment.from_raw(experiment.to_raw()) == experiment
    assert tomllib.loads(experiment.to_toml()) == experiment.to_raw()
    assert problems(experiment) == []


def test_a_written_file_has_no_auto() -> None:
    text = Experiment.quick("mnist").to_toml()
    left_to_the_machine = ('device = "auto"', 'threads = "auto"')
    for line in left_to_the_machine:
        assert line in text
        text = text.replace(line, "")
    assert "auto" not in text


@given(text=st.text(max_size=60) | st.text("[]=\"{}'#\n ab0.-_", max_size=60))
def test_any_text_gives_an_experiment_or_an_error_of_ours(text: str) -> None:
    with contextlib.suppress(NntermError):
        assert Experiment.from_toml(text).network.layers


values = st.sampled_from([0, 1, -1, 3.5, "x", "auto", True, [], {}, [{}], {"name": "sgd"}, {"units": 0}])


@given(
    raw=st.dictionaries(
        st.sampled_from(["name", "seed", "force", "data", "network", "training", "x"]),
        values
        | st.dictionaries(
            st.sampled_from(["dataset", "layers", "loss", "epochs", "optimizer", "task", "scale"]), values
        ),
    )
)
def test_problems_never_raises(raw: dict[str, Any]) -> None:
    found = problems(raw)
    assert all(problem.message for problem in found)


# "auto"


@pytest.mark.parametrize(
    ("dataset", "network", "output", "loss"),
    [
        ("spirals", {}, (3, "softmax", "xavier_normal"), "cross_entropy"),
        ("xor", {}, (1, "sigmoid", "xavier_normal"), BINARY),
        ("sine", {}, (1, "linear", "xavier_normal"), "mse"),
        ("spirals", {"loss": "mse"}, (3, "sigmoid", "xavier_normal"), "mse"),
        ("xor", {"loss": "mse"}, (1, "sigmoid", "xavier_normal"), "mse"),
        ("xor", {"loss": "cross_entropy"}, (2, "softmax", "xavier_normal"), "cross_entropy"),
        ("xor", {"loss": "perceptron"}, (1, "step", "xavier_normal"), "perceptron"),
        (
            "spirals",
            {"loss": "binary_cross_entropy"},
            (3, "sigmoid", "xavier_normal"),
            "binary_cross_entropy",
        ),
        ("spirals", {"loss": "binary_cross_entropy"}, (3, "sigmoid", "xavier_normal"), BINARY),
        ("xor", {"layers": [{"activation": "step"}]}, (1, "step", "xavier_normal"), "perceptron"),
        ("xor", {"layers": [{"activation": "linear"}]}, (1, "linear", "xavier_normal"), BINARY),
        ("spirals", {"layers": [{"activation": "sigmoid"}]}, (3, "sigmoid", "xavier_normal"), BINARY),
        ("xor", {"layers": [{"units": 2}]}, (2, "softmax", "xavier_normal"), "cross_entropy"),
        (
            "xor",
            {"layers": [{"activation": "linear"}]},
            (1, "linear", "xavier_normal"),
            "binary_cross_entropy",
        ),
        (
            "spirals",
            {"layers": [{"activation": "sigmoid"}]},
            (3, "sigmoid", "xavier_normal"),
            "binary_cross_entropy",
        ),
        ("sine", {"layers": [{"activation": "relu"}]}, (1, "relu", "he_normal"), "mse"),
        ("sine", {"layers": [{"units": 1, "init": "zeros"}]}, (1, "linear", "zeros"), "mse"),
    ],
)
def test_auto_follows_from_task_and_loss_or_from_the_output(
    dataset: str, network: dict[str, Any], output: tuple[int, str, str], loss: str
) -> None:
    experiment = Experiment.from_raw({"data": {"dataset": dataset}, "network": network})
    assert shape(experiment) == [output]
    assert experiment.network.loss.name == loss


@pytest.mark.parametrize("dataset", ["spirals", "xor", "sine"])
def test_auto_in_hidden_layers_is_relu_with_he(dataset: str) -> None:
    raw = {
        "data": {"dataset": dataset},
        "network": {"layers": [{"units": 8}, {"units": 4, "activation": "tanh"}, {}]},
    }
    assert shape(Experiment.from_raw(raw))[:2] == [(8, "relu", "he_normal"), (4, "tanh", "xavier_normal")]


@pytest.mark.parametrize(
    ("dataset", "task"), [("mnist", "classification"), ("xor", "binary"), ("sine", "regression")]
)
def test_auto_task_is_the_datasets(dataset: str, task: str) -> None:
    assert Experiment.quick(dataset).data.task == task


# Mistakes


def test_all_mistakes_of_a_file_at_once_in_all_its_tables() -> None:
    error = refusal(
        """
        seed = -1
        sed = 2
        [data]
        dataset = "mnits"
        [network]
        layers = [{ units = 4, activation = "rleu" }, {}]
        [training]
        epochs = 0
        optimizer = { name = "sgd", lr = "fast" }
        """,
        source="my.toml",
    )
    keys = [problem.key for problem in error.problems]
    assert keys == [
        "seed",
        "sed",
        "network.layers[0].activation",
        "training.epochs",
        "training.optimizer.lr",
        "data.dataset",
    ]
    lines = error.message.splitlines()
    assert len(lines) == 6
    assert all(line.startswith("my.toml: ") for line in lines)
    assert error.exit_code == 2


def test_unreadable_values_do_not_hide_problems_of_other_tables() -> None:
    error = refusal(
        '[data]\ndataset = "spirals"\n[network]\nlayers = [{ units = 4 }]\n[training]\nepochs = 0'
    )
    assert [problem.key for problem in error.problems] == ["training.epochs", "network.layers[0].units"]


def test_an_unreadable_table_causes_no_further_problems() -> None:
    error = refusal('[data]\ndataset = "moons"\n[training]\noptimizer = "perceptron"\nepochs = 0')
    assert [problem.key for problem in error.problems] == ["training.epochs"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x = = 1", "line 1, column 5"),
        ("[data\n", "not valid TOML"),
        ("seed = 1\nseed = 2", "not valid TOML"),
        ("seed = " + "9" * 5000, "not valid TOML"),
        ("a = " + "[" * 5000, "not valid TOML"),
    ],
)
def test_invalid_toml_is_reported_in_one_line(text: str, expected: str) -> None:
    error = refusal(text, source="broken.toml")
    assert error.message.startswith("broken.toml: not valid TOML")
    assert expected in error.message
    assert "\n" not in error.message
    assert error.hint


@pytest.mark.parametrize("dataset", ["mnits", "", "no/such/file.npz", "."])
def test_a_dataset_that_does_not_exist(dataset: str) -> None:
    (problem,) = problems({"data": {"dataset": dataset}})
    assert problem.key == "data.dataset"
    assert problem.hint


def test_the_example_of_the_style_guide() -> None:
    text = '[data]\ndataset = "mnist"\n[network]\nlayers = [{ units = 9 }, { activation = "rleu" }]'
    error = refusal(text, source="mnist.toml")
    assert error.message == 'mnist.toml: network.layers[1].activation = "rleu" is not an activation'
    assert error.hint.startswith('did you mean "relu"? known: elu, exponential, gelu, leaky_relu, linear, ')


# Changes


def test_with_changes_gives_a_checked_copy() -> None:
    experiment = Experiment.from_toml(MNIST)
    changed = experiment.with_changes({"training.optimizer.lr": 0.01, "network.layers[1].units": 32})
    assert changed.training.optimizer == Sgd(lr=0.01)
    assert [layer.units for layer in changed.network.layers] == [128, 32, 10]
    assert experiment == Experiment.from_toml(MNIST)
    assert experiment.with_changes({}) == experiment
    with pytest.raises(ExperimentError, match=r"training\.optimizer\.lr = -1"):
        experiment.with_changes({"training.optimizer.lr": -1})


def test_overrides_of_a_file_are_applied_last_and_in_order() -> None:
    overrides = ["training.epochs=2", "training.optimizer.name=adam", "training.epochs=3"]
    experiment = Experiment.from_toml(MNIST, overrides=overrides)
    assert experiment.training.epochs == 3
    # the learning rate of the file, an option of adam too
    assert experiment.training.optimizer == Adam(lr=0.1)


def test_an_override_can_force() -> None:
    text = '[data]\ndataset = "xor"\n[network]\nlayers = [{ activation = "softmax" }]'
    refusal(text)
    assert Experiment.from_toml(text, overrides=["force=true"]).force
    refusal(text, overrides=['force="true"'])


# quick


def test_quick_uses_the_datasets_suggestion() -> None:
    experiment = Experiment.quick("mnist")
    assert shape(experiment)[-1][:2] == (10, "softmax")
    assert experiment.training.epochs >= 1
    assert Experiment.quick("xor", layers=None) == Experiment.quick("xor")


def test_quick_without_hidden_layers() -> None:
    assert shape(Experiment.quick("mnist", layers=[])) == [(10, "softmax", "xavier_normal")]
    assert shape(Experiment.quick("xor", layers=[])) == [(1, "sigmoid", "xavier_normal")]


def test_quick_takes_the_options_of_train() -> None:
    experiment = Experiment.quick(
        "spirals",
        [7, 5],
        activation="tanh",
        init="orthogonal",
        loss="mse",
        optimizer="sgd",
        lr=0.25,
        momentum=0.5,
        nesterov=True,
        weight_decay=0.125,
        batch_size=8,
        epochs=3,
        seed=9,
        name="mine",
        dtype="float64",
        schedule="cosine",
        clip_norm=1.5,
        patience=2,
        validation=0.25,
        limit=50,
        scale="none",
        backend=None,
    )
    assert shape(experiment)[:2] == [(7, "tanh", "orthogonal"), (5, "tanh", "orthogonal")]
    assert shape(experiment)[2][::2] == (3, "orthogonal")
    assert experiment.network.loss == Mse()
    training = experiment.training
    assert training.optimizer == Sgd(lr=0.25, momentum=0.5, nesterov=True, weight_decay=0.125)
    assert training.schedule == Cosine()
    assert (training.batch_size, training.epochs, training.clip_norm) == (8, 3, 1.5)
    assert (training.patience, training.dtype) == (2, "float64")
    assert (experiment.seed, experiment.name) == (9, "mine")
    assert (experiment.data.validation, experiment.data.limit, experiment.data.scale) == (0.25, 50, "none")


def test_quick_with_another_optimizer_uses_its_default_rate() -> None:
    assert Experiment.quick("mnist", optimizer="adam").training.optimizer == Adam()
    assert Experiment.quick("mnist", optimizer={"name": "adam", "beta1": 0.5}).training.optimizer == Adam(
        beta1=0.5
    )
    assert Experiment.quick("mnist", lr=0.5).training.optimizer.lr == 0.5


def test_quick_perceptron() -> None:
    experiment = Experiment.quick("and", optimizer="perceptron", activation="step")
    assert [layer.activation.name for layer in experiment.network.layers] == ["step"]
    assert experiment.network.loss.name == "perceptron"
    assert isinstance(experiment.training.optimizer, Perceptron)
    assert shape(Experiment.quick("mnist", [], optimizer="perceptron"))[0][:2] == (10, "step")


@pytest.mark.parametrize(
    ("options", "key", "expected"),
    [
        ({"layers": [0]}, "network.layers[0].units", "at least 1 unit"),
        ({"layers": [-4]}, "network.layers[0].units", "must be a whole number"),
        ({"layers": 8}, "layers", "must be a list of units"),
        ({"layers": [8, 2.5]}, "network.layers[1].units", "must be a whole number"),
        ({"lr": "fast"}, "training.optimizer.lr", '"fast" must be a number'),
        ({"lr": 0}, "training.optimizer.lr", "above 0"),
        ({"lr": float("nan")}, "training.optimizer.lr", "finite"),
        ({"epochs": 0}, "training.epochs", "at least 1"),
        ({"batch_size": -1}, "training.batch_size", "at least 0"),
        ({"optimizer": "adamm"}, "training.optimizer", '"adamm" is not an optimizer'),
        ({"optimizer": ["sgd"]}, "training.optimizer", "is not an optimizer"),
        ({"optimizer": "adam", "momentum": 0.9}, "training.optimizer.momentum", "no such option"),
        ({"activation": "rleu"}, "network.layers[0].activation", '"rleu" is not an activation'),
        ({"loss": "mes"}, "network.loss", '"mes" is not a loss'),
        ({"learning_rate": 0.1}, "learning_rate", "is not an option"),
        ({"seed": -1}, "seed", "at least 0"),
        ({"overrides": ["x=1"]}, "x", "not a known setting"),
    ],
)
def test_quick_refuses_what_the_file_would_refuse(options: dict[str, Any], key: str, expected: str) -> None:
    with pytest.raises(ExperimentError) as caught:
        Experiment.quick("spirals", **{"layers": [8], **options})
    assert caught.value.problems[0].key == key
    assert expected in caught.value.problems[0].message


def test_quick_refuses_an_unknown_dataset() -> None:
    with pytest.raises((DataError, ExperimentError), match="mnits") as caught:
        Experiment.quick("mnits")
    assert '"mnist"' in caught.value.hint


# Files


def test_save_and_load(tmp_path: Path) -> None:
    experiment = Experiment.quick("xor", [4], name="über-xor")
    path = tmp_path / "xor.toml"
    experiment.save(path)
    assert Experiment.load(path) == experiment
    assert Experiment.load(str(path), overrides=["training.epochs=7"]).training.epochs == 7
    assert [path.name for path in tmp_path.iterdir()] == ["xor.toml"]


def test_a_byte_order_mark_and_windows_line_ends_are_read(tmp_path: Path) -> None:
    path = tmp_path / "windows.toml"
    path.write_bytes(b"\xef\xbb\xbf" + MNIST.replace("\n", "\r\n").encode())
    assert Experiment.load(path) == Experiment.from_toml(MNIST)


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda path: None, "No such file"),
        (lambda path: path.mkdir(), "Is a directory"),
        (lambda path: path.write_bytes(b"name = '\xff'"), "not a text file"),
    ],
)
def test_a_file_that_cannot_be_read(tmp_path: Path, make: Any, expected: str) -> None:
    path = tmp_path / "lost.toml"
    make(path)
    with pytest.raises(ExperimentError, match=f"cannot read {path}: {expected}") as caught:
        Experiment.load(path)
    assert caught.value.hint


def test_a_mistake_in_a_file_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "bad.toml"
    path.write_text("sed = 1")
    with pytest.raises(ExperimentError, match=r"bad\.toml: sed is not a known key"):
        Experiment.load(path)


def test_a_folder_that_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    experiment = Experiment.quick("xor", [4])
    with pytest.raises(ExperimentError, match="cannot write"):
        experiment.save(tmp_path / "no" / "such" / "folder" / "x.toml")
    (tmp_path / "taken.toml").mkdir()
    with pytest.raises(ExperimentError, match="cannot write"):
        experiment.save(tmp_path / "taken.toml")
    assert [path.name for path in tmp_path.iterdir()] == ["taken.toml"]
