"""The network of an introductory course: float64, samples as columns (Z = W X + b), a dictionary of arrays, a new
array for every result.
"""

import itertools

import numpy as np

from engine.arrays import AnyArray, Array

Named = dict[str, Array]


class NaiveNetwork:
    """Forward, backward and update, written directly from the formulas.

    Shapes: X (n_in, m), W (n_out, n_in), b (n_out, 1), Y (n_out, m).
    """

    def __init__(self, sizes: list[int], activation: str, optimizer: str, lr: float) -> None:
        rng = np.random.default_rng(0)
        self.sizes, self.activation, self.optimizer, self.lr = sizes, activation, optimizer, lr
        self.t = 0
        self.parameters: Named = {}
        for i, (n_in, n_out) in enumerate(itertools.pairwise(sizes), start=1):
            self.parameters[f"W{i}"] = rng.standard_normal((n_out, n_in)) * np.sqrt(2 / n_in)
            self.parameters[f"b{i}"] = np.zeros((n_out, 1))
        self.m = {key: np.zeros_like(value) for key, value in self.parameters.items()}
        self.v = {key: np.zeros_like(value) for key, value in self.parameters.items()}

    def one_hot(self, y: AnyArray) -> Array:
        """Return classes (m,) as columns (n_out, m)."""
        if self.sizes[-1] == 1:
            return y.reshape(1, -1).astype(np.float64)
        columns: Array = np.eye(self.sizes[-1])[y].T
        return columns

    def train_step(self, X: Array, Y: Array) -> float:
        """Make one step on X (n_in, m) and targets Y (n_out, m), and return the loss."""
        output, cache = self.forward(X)
        loss = self.compute_loss(output, Y)
        self.update(self.backward(output, Y, cache))
        return loss

    def forward(self, X: Array) -> tuple[Array, Named]:
        cache: Named = {"A0": X}
        A = X
        last = len(self.sizes) - 1
        for i in range(1, last + 1):
            Z = np.dot(self.parameters[f"W{i}"], A) + self.parameters[f"b{i}"]
            A = self.output(Z) if i == last else self.activate(Z)
            cache[f"Z{i}"], cache[f"A{i}"] = Z, A
        return A, cache

    def activate(self, Z: Array) -> Array:
        A: Array = np.maximum(0, Z) if self.activation == "relu" else np.tanh(Z)
        return A

    def slope(self, Z: Array, A: Array) -> AnyArray:
        return Z > 0 if self.activation == "relu" else 1 - np.power(A, 2)

    def output(self, Z: Array) -> Array:
        if self.sizes[-1] == 1:
            result: Array = 1 / (1 + np.exp(-Z))
            return result
        exponentials = np.exp(Z - np.max(Z, axis=0, keepdims=True))
        probabilities: Array = exponentials / np.sum(exponentials, axis=0, keepdims=True)
        return probabilities

    def compute_loss(self, output: Array, Y: Array) -> float:
        m = Y.shape[1]
        if self.sizes[-1] == 1:
            terms = Y * np.log(output + 1e-12) + (1 - Y) * np.log(1 - output + 1e-12)
        else:
            terms = Y * np.log(output + 1e-12)
        return float(-np.sum(terms) / m)

    def backward(self, output: Array, Y: Array, cache: Named) -> Named:
        m = Y.shape[1]
        gradients: Named = {}
        dZ = output - Y
        for i in range(len(self.sizes) - 1, 0, -1):
            gradients[f"W{i}"] = np.dot(dZ, cache[f"A{i - 1}"].T) / m
            gradients[f"b{i}"] = np.sum(dZ, axis=1, keepdims=True) / m
            if i > 1:
                dA = np.dot(self.parameters[f"W{i}"].T, dZ)
                dZ = dA * self.slope(cache[f"Z{i - 1}"], cache[f"A{i - 1}"])
        return gradients

    def update(self, gradients: Named) -> None:
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
