"""Label, unit and help of each value of an experiment."""

from typing import NamedTuple


class FieldWords(NamedTuple):
    """The texts of a field; `zero` names the special meaning of 0 or of an empty text, if it has one."""

    label: str
    unit: str = ""
    help: str = ""
    zero: str = ""


WORDS: dict[str, FieldWords] = {
    "layer.units": FieldWords("units", "units", "outputs of the layer; auto, in the last one, fits the task"),
    "layer.activation": FieldWords("activation", "", "what the layer does with z = W x + b"),
    "layer.init": FieldWords("init", "", "how the weights start"),
    "layer.bias": FieldWords("bias", "", "how the biases start"),
    "layer.rate": FieldWords(
        "rate", "", "share of the units that is left out at each update, 0 to 1", "none"
    ),
    "layer.momentum": FieldWords(
        "momentum", "", "weight of the newest batch in the running mean and variance"
    ),
    "layer.eps": FieldWords("epsilon", "", "keeps the division from zero"),
    "slope": FieldWords("slope", "", "slope for negative z"),
    "mean": FieldWords("mean", "", "mean of the normal distribution"),
    "std": FieldWords("std", "", "standard deviation of the normal distribution"),
    "low": FieldWords("low", "", "least value drawn"),
    "high": FieldWords("high", "", "largest value drawn"),
    "value": FieldWords("value", "", "the value of every weight"),
    "network.loss": FieldWords("loss", "", "what training makes small"),
    "training.optimizer": FieldWords("optimizer", "", "how the gradient moves the weights"),
    "training.schedule": FieldWords("schedule", "", "how the learning rate changes over the training"),
    "lr": FieldWords("learning rate", "", "how far one step follows the gradient"),
    "momentum": FieldWords("momentum", "", "share of the last step's velocity that is kept, 0 to 1"),
    "nesterov": FieldWords("nesterov", "", "look ahead along the momentum"),
    "weight_decay": FieldWords("weight decay", "", "pull of every parameter towards 0", "off"),
    "alpha": FieldWords("alpha", "", "memory of the squared gradients, 0 to 1"),
    "beta1": FieldWords("beta 1", "", "memory of the gradients, 0 to 1"),
    "beta2": FieldWords("beta 2", "", "memory of the squared gradients, 0 to 1"),
    "eps": FieldWords("epsilon", "", "keeps the division from zero"),
    "warmup": FieldWords("warm-up", "steps", "steps of linear rise before the schedule starts", "off"),
    "every": FieldWords("drop every", "epochs", "epochs between two drops"),
    "gamma": FieldWords("factor", "", "what the learning rate is multiplied by at a drop"),
    "final": FieldWords("last factor", "", "share of the learning rate that is left at the end"),
    "rise": FieldWords("rise", "", "share of the steps spent rising, 0 to 1"),
    "start": FieldWords("start at 1 /", "", "the first step takes the learning rate divided by this"),
    "end": FieldWords("end at 1 /", "", "the last step takes the first one's, divided by this"),
    "training.schedule.patience": FieldWords(
        "patience", "epochs", "epochs without a better loss before a drop", "none"
    ),
    "threshold": FieldWords("threshold", "", "relative fall of the loss that counts as better"),
    "clip_norm": FieldWords("clip norm", "", "largest Euclidean norm of the gradient", "off"),
    "batch_size": FieldWords(
        "batch size", "samples", "samples a step; all: batch gradient descent, 1: stochastic", "all"
    ),
    "epochs": FieldWords("epochs", "", "passes over the training samples"),
    "training.patience": FieldWords(
        "early stop", "epochs", "stop after so many epochs without a better validation loss", "off"
    ),
    "validation": FieldWords(
        "validation", "", "share of the training split that is held out, 0 to 1", "none"
    ),
    "limit": FieldWords("samples used", "", "how many of the training split, stratified by class", "all"),
    "samples": FieldWords("samples drawn", "", "how many in all, a fifth of them for the test"),
    "noise": FieldWords("noise", "", "standard deviation of the noise; auto: the dataset's own"),
    "scale": FieldWords("scaling", "", "unit: inputs to 0..1; standard: mean 0, deviation 1"),
    "seed": FieldWords("seed", "", "seed of the weights and of the order of the samples"),
    "data.seed": FieldWords("data seed", "", "seed of the splits and of generated samples"),
    "training.dtype": FieldWords(
        "precision", "", "number format; float32 is faster, float64 proves gradients"
    ),
    "training.backend": FieldWords(
        "computes with", "", "numpy: nnterm's own network; torch: PyTorch, on a GPU too"
    ),
    "training.device": FieldWords("device", "", "where PyTorch computes; auto: a GPU where there is one"),
    "training.processes": FieldWords("processes", "", "that share each batch, each with a GPU of its own"),
    "training.compile": FieldWords(
        "compile", "", "fuse the network's operations first: slow to start, then faster on a GPU"
    ),
    "name": FieldWords(
        "run name", "", "what the run is called; auto: the dataset's name and a number", "auto"
    ),
}
"""By the whole key, else by its last part; a layer's own fields by their name with the prefix `layer.`."""
