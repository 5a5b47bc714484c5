"""The network as a first course writes it: float64, a dictionary of arrays, a new array for every result."""

import itertools
from typing import Any

import numpy as np

from engine.arrays import AnyArray, Array


class NaiveNetwork:
    """Forward, backward and update, straight from the formulae."""

    def __init__(self, sizes: list[int], activation: str, optimizer: str, lr: float) -> None:
        rng = np.random.default_rng(0)
        self.sizes, self.activation, self.optimizer, self.lr = sizes, activation, optimizer, lr
        self.t = 0
        self.parameters: dict[str, Array] = {}
        for i, (n_in, n_out) in enumerate(itertools.pairwise(sizes), start=1):
            self.parameters[f"W{i}"] = rng.standard_normal((n_in, n_out)) * np.sqrt(2 / n_in)
            self.parameters[f"b{i}"] = np.zeros((1, n_out))
        self.m = {key: np.zeros_like(value) for key, value in self.parameters.items()}
        self.v = {key: np.zeros_like(value) for key, value in self.parameters.items()}

    def train_step(self, x: Array, y: AnyArray) -> float:
        """Make one step on x (m, n_in) and classes y (m,), and return the loss."""
        output, cache = self.forward(x)
        targets = self.one_hot(y)
        loss = self.compute_loss(output, targets)
        gradients = self.backward(output, targets, cache)
        self.update(gradients)
        return loss

    def one_hot(self, y: AnyArray) -> Array:
        if self.sizes[-1] == 1:
            return y.reshape(-1, 1).astype(np.float64)
        targets = np.zeros((len(y), self.sizes[-1]))
        targets[np.arange(len(y)), y] = 1
        return targets

    def forward(self, x: Array) -> tuple[Array, dict[str, Any]]:
        cache: dict[str, Any] = {"A0": x}
        a = x
        last = len(self.sizes) - 1
        for i in range(1, last + 1):
            z = np.dot(a, self.parameters[f"W{i}"]) + self.parameters[f"b{i}"]
            a = self.output(z) if i == last else self.activate(z)
            cache[f"Z{i}"], cache[f"A{i}"] = z, a
        return a, cache

    def activate(self, z: Array) -> Array:
        a: Array = np.maximum(0, z) if self.activation == "relu" else np.tanh(z)
        return a

    def slope(self, z: Array, a: Array) -> Array:
        slope: Array = z > 0 if self.activation == "relu" else 1 - a**2
        return slope

    def output(self, z: Array) -> Array:
        if self.sizes[-1] == 1:
            result: Array = 1 / (1 + np.exp(-z))
            return result
        exponentials = np.exp(z - np.max(z, axis=1, keepdims=True))
        probabilities: Array = exponentials / np.sum(exponentials, axis=1, keepdims=True)
        return probabilities

    def compute_loss(self, output: Array, targets: Array) -> float:
        if self.sizes[-1] == 1:
            terms = targets * np.log(output + 1e-12) + (1 - targets) * np.log(1 - output + 1e-12)
        else:
            terms = np.sum(targets * np.log(output + 1e-12), axis=1)
        return float(-np.mean(terms))

    def backward(self, output: Array, targets: Array, cache: dict[str, Any]) -> dict[str, Array]:
        m = len(targets)
        gradients: dict[str, Array] = {}
        dz = (output - targets) / m
        for i in range(len(self.sizes) - 1, 0, -1):
            gradients[f"W{i}"] = np.dot(cache[f"A{i - 1}"].T, dz)
            gradients[f"b{i}"] = np.sum(dz, axis=0, keepdims=True)
            if i > 1:
                da = np.dot(dz, self.parameters[f"W{i}"].T)
                dz = da * self.slope(cache[f"Z{i - 1}"], cache[f"A{i - 1}"])
        return gradients

    def update(self, gradients: dict[str, Array]) -> None:
        self.t += 1
        for key, gradient in gradients.items():
            if self.optimizer == "sgd":
                self.parameters[key] = self.parameters[key] - self.lr * gradient
                continue
            self.m[key] = 0.9 * self.m[key] + 0.1 * gradient
            self.v[key] = 0.999 * self.v[key] + 0.001 * gradient**2
            m_hat = self.m[key] / (1 - 0.9**self.t)
            v_hat = self.v[key] / (1 - 0.999**self.t)
            self.parameters[key] = self.parameters[key] - self.lr * m_hat / (np.sqrt(v_hat) + 1e-8)
