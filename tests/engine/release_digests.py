"""Six trainings of the release before the packages, and the weights that they ended in.

`python -m tests.engine.release_digests` prints the record for this machine. Bits depend on the kernels of the matrix
library and on NumPy's vector instructions, so that digests are kept by both; on a machine without an entry the norms
are compared.
"""

import hashlib
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import threadpoolctl

import engine

RECORD = Path(__file__).with_name("release_digests.json")
EXPERIMENTS: dict[str, dict[str, Any]] = {
    "mnist sgd": {
        "data": {"dataset": "mnist", "limit": 600},
        "network": {"layers": [{"units": 32, "activation": "relu"}, {}]},
        "training": {"epochs": 2, "optimizer": {"name": "sgd", "lr": 0.1, "momentum": 0.9}},
    },
    "spirals adam cosine": {
        "data": {"dataset": "spirals"},
        "network": {"layers": [{"units": 24, "activation": "gelu"}, {"units": 24, "activation": "silu"}, {}]},
        "training": {
            "epochs": 4,
            "batch_size": 32,
            "optimizer": {"name": "adam", "lr": 0.005},
            "schedule": {"name": "cosine", "warmup": 10},
        },
    },
    "xor full batch float64": {
        "data": {"dataset": "xor"},
        "network": {"layers": [{"units": 4, "activation": "tanh"}, {}]},
        "training": {
            "epochs": 200,
            "batch_size": 0,
            "dtype": "float64",
            "optimizer": {"name": "sgd", "lr": 1.0},
        },
    },
    "moons dropout batchnorm adamw": {
        "seed": 3,
        "data": {"dataset": "moons"},
        "network": {
            "layers": [
                {"units": 16},
                {"type": "batchnorm", "activation": "elu"},
                {"type": "dropout", "rate": 0.3},
                {},
            ]
        },
        "training": {
            "epochs": 4,
            "optimizer": {"name": "adamw", "lr": 0.01},
            "schedule": {"name": "one_cycle"},
        },
    },
    "sine rmsprop clipped": {
        "data": {"dataset": "sine"},
        "network": {"layers": [{"units": 16, "activation": "softplus", "init": "orthogonal"}, {}]},
        "training": {
            "epochs": 4,
            "batch_size": 50,
            "clip_norm": 0.5,
            "optimizer": {"name": "rmsprop", "lr": 0.005},
            "schedule": {"name": "step", "every": 2},
        },
    },
    "circles adagrad early stopping": {
        "seed": 5,
        "data": {"dataset": "circles"},
        "network": {
            "layers": [{"units": 12, "activation": "leaky_relu"}, {"units": 8, "activation": "sigmoid"}, {}]
        },
        "training": {
            "epochs": 8,
            "patience": 2,
            "optimizer": {"name": "adagrad", "lr": 0.05, "weight_decay": 0.001},
            "schedule": {"name": "plateau", "patience": 1},
        },
    },
}


def machine() -> str:
    """Return what bits depend on: the kernels of the matrix library, and NumPy's vector instructions."""
    engine.load_data(engine.Experiment.quick("xor", [2]).data)  # the library is loaded
    pools = threadpoolctl.threadpool_info()
    kernels = sorted({str(pool.get("architecture")) for pool in pools if pool["user_api"] == "blas"})
    features = np.show_config(mode="dicts")["SIMD Extensions"].get("found")  # type: ignore[index]
    return f"numpy {np.__version__} {' '.join(kernels)} {features[-1] if features else 'baseline'}"


def train(raw: dict[str, Any]) -> np.ndarray:
    """Return the network's state after a training, (n_parameters + n_buffers,)."""
    experiment = engine.Experiment.from_raw(raw)
    data = engine.load_data(experiment.data)
    network = engine.Network(experiment.network, data.input_shape, experiment.seed, experiment.training.dtype)
    for _ in engine.Trainer(experiment, network, data):
        pass
    return network.state


def digest(state: np.ndarray) -> str:
    """Return the SHA-256 of the state's bytes."""
    return hashlib.sha256(np.ascontiguousarray(state).tobytes()).hexdigest()


def record() -> dict[str, Any]:
    """Return digests by experiment, and norms, which any machine comes near."""
    states = {name: train(raw) for name, raw in EXPERIMENTS.items()}
    return {
        "norms": {name: math.sqrt(float(np.vdot(state, state))) for name, state in states.items()},
        "digests": {machine(): {name: digest(state) for name, state in states.items()}},
    }


if __name__ == "__main__":
    print(json.dumps(record(), indent=1))
