"""Weights with sound digests and metadata that somebody made up: refused in one line, before memory is taken."""

import hashlib
import json
import struct
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

import engine
from engine.errors import CheckpointError
from engine.storage.weights import load_snapshot, read_position
from engine.training.position import Position


@pytest.fixture
def path(tmp_path: Path) -> Path:
    experiment = engine.Experiment.quick("moons", [8])
    data = engine.load_data(experiment.data)
    network = engine.Network.of(experiment, data)
    trainer = engine.Trainer(experiment, network, data)
    path = tmp_path / "step-00000000.safetensors"
    engine.save_network(path, network, experiment, trainer.optimizer_state, Position(), learning_rate=0.1)
    return path


def reseal(path: Path, **changes: Any) -> None:
    """Change metadata of a file, and seal it anew."""
    content = path.read_bytes()
    (size,) = struct.unpack("<Q", content[:8])
    header, payload = json.loads(content[8 : 8 + size]), content[8 + size :]
    metadata = header["__metadata__"]
    units = changes.pop("units", None)
    if units is not None:
        experiment = json.loads(metadata["experiment"])
        experiment["network"]["layers"][0]["units"] = units
        metadata["experiment"] = json.dumps(experiment)
    metadata |= changes
    kept = {key: text for key, text in metadata.items() if not key.startswith("sha256")}
    metadata["sha256_metadata"] = hashlib.sha256(json.dumps(kept, sort_keys=True).encode()).hexdigest()
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + payload)


CRAFTED: dict[str, dict[str, Any]] = {
    "units 1e8": {"units": 100_000_000},
    "units 1e12": {"units": 1_000_000_000_000},
    "shape 1e9": {"input_shape": "[1000000000]"},
    "shape 0": {"input_shape": "[0]"},
    "shape negative": {"input_shape": "[-2]"},
    "shape none": {"input_shape": "[]"},
    "shape other": {"input_shape": "[3]"},
    "deep position": {"position": "[" * 100_000},
    "deep experiment": {"experiment": "[" * 100_000},
    "deep rate": {"learning_rate": "[" * 100_000},
    "deep range": {"input_range": "[" * 100_000},
    "updates infinite": {"optimizer": '{"updates":Infinity}'},
    "updates huge": {"optimizer": '{"updates":1e400}'},
    "updates negative": {"optimizer": '{"updates":-5}'},
    "updates missing": {"optimizer": "{}"},
    "rate infinite": {"learning_rate": "Infinity"},
    "rate nan": {"learning_rate": "NaN"},
    "rate negative": {"learning_rate": "-1"},
    "position negative": {"position": '{"step":5,"epoch":-3,"cursor":-7}'},
}


@pytest.mark.parametrize("name", CRAFTED)
def test_it_is_refused_in_one_line_and_takes_no_memory(path: Path, name: str) -> None:
    load_snapshot(path)
    reseal(path, **CRAFTED[name])
    tracemalloc.start()
    with pytest.raises(CheckpointError) as raised:
        load_snapshot(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert "\n" not in raised.value.message
    assert peak < 50_000_000


@pytest.mark.parametrize("name", [name for name in CRAFTED if "position" in name])
def test_a_position_alone_is_refused_too(path: Path, name: str) -> None:
    reseal(path, **CRAFTED[name])
    with pytest.raises(CheckpointError):
        read_position(path)


def test_a_range_that_does_not_fit_is_left_out(path: Path) -> None:
    reseal(path, input_range="[[0,0,0],[1,1,1]]")
    assert load_snapshot(path).network.input_range is None
