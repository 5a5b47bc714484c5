"""`nnterm check --explain`: the walk as text and as JSON lines, and refused options."""

from pathlib import Path

import numpy as np
import pytest

from engine.glassbox import Walk
from engine.nn.activations import Relu
from engine.nn.losses import Mse
from engine.nn.network import Network
from engine.nn.specs import DenseSpec, NetworkSpec
from tests.tui.cli.conftest import Nnterm
from tui.cli.explain_output import body, headline

XOR = ("check", "--explain", "--dataset", "xor", "--layers", "3")
NEURON = Path(__file__).with_name("neuron_walk.txt")


def test_the_neuron_of_the_course_as_text() -> None:
    network = Network(
        NetworkSpec(loss=Mse(), layers=(DenseSpec(units=1, activation=Relu()),)), (3,), 0, "float64"
    )
    network.layers[0].weight[:] = [[0.5, 0.1, 0.2]]
    steps = Walk(network, np.array([[1.0, 2.0, 3.0]]), np.array([[1.0]]), 0.1).steps
    text = "\n".join(
        line for step in steps for line in (headline(step, 80), *(text for text, _, _ in body(step, 80)), "")
    )
    assert text == NEURON.read_text(encoding="utf-8")


def test_the_text_names_the_sample_the_steps_and_the_verdict(nnterm: Nnterm) -> None:
    result = nnterm(*XOR, "--sample", "2")
    assert result.code == 0
    assert result.out.startswith("2-3-1, binary_cross_entropy: sample 2 (0–3), target class 1 (true)")
    assert "── forward 1/5 ──" in result.out
    assert "── update 1/1 ──" in result.out
    assert "PASSED: the network's own gradients agree" in result.out
    assert max(map(len, result.out.splitlines())) <= 120


def test_json_lines(nnterm: Nnterm) -> None:
    result = nnterm(*XOR, "--samples", "2", "--json")
    assert result.code == 0
    first, flow, *steps, last = result.lines
    assert (first["type"], first["samples"]) == ("explain_started", [0, 1])
    assert flow["type"] == "walk_flow"
    assert {step["type"] for step in steps} == {"step"}
    assert (last["type"], last["passed"]) == ("explain_finished", True)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((*XOR, "--sample", "4"), "there is no sample 4: the training split has 4 samples"),
        ((*XOR, "--sample", "3", "--samples", "2"), "there are no 2 samples from number 3 on"),
        ((*XOR, "--sample", "-1"), "--sample"),
        ((*XOR, "--steps", "3"), "--steps is incompatible with --explain"),
        ((*XOR, "--device", "cpu"), "--device is incompatible with --explain"),
        ((*XOR, "--no-torch"), "--no-torch is incompatible with --explain"),
        (("check", "--dataset", "xor", "--sample", "1"), "--sample requires --explain"),
        (("check", "--explain", "--run", "nowhere"), "nowhere"),
        (
            ("check", "--explain", "--dataset", "xor", "--at-step", "3"),
            "--at-step requires --explain and a run",
        ),
        (("check", "--run", "nowhere", "--at-step", "3"), "--at-step requires --explain and a run"),
        ((*XOR, "--plant", "sign"), "--plant is incompatible with --explain"),
        (("check", "--dataset", "xor", "--plant", "singn"), 'there is no bug "singn" to plant'),
        (("check", "--dataset", "xor", "--plant", "dropout"), "the network lacks a dropout layer"),
    ],
)
def test_refused_options(nnterm: Nnterm, arguments: tuple[str, ...], words: str) -> None:
    result = nnterm(*arguments)
    assert result.code == 2
    assert words in result.err
    assert "Traceback" not in result.err
    assert result.out == ""
