"""What each value of an experiment is called on screen, its unit, and what it does."""

from typing import NamedTuple


class Words(NamedTuple):
    """A field in words; `zero` is what 0 (or an empty text) means where it means something of its own."""

    label: str
    unit: str = ""
    help: str = ""
    zero: str = ""


WORDS: dict[str, Words] = {
    "units": Words("units", "units", "outputs of the layer; auto, in the last one, fits the task"),
    "activation": Words("activation", "", "what the layer does with z = W x + b"),
    "init": Words("init", "", "how the weights start"),
    "bias": Words("bias", "", "how the biases start"),
    "rate": Words("rate", "", "share of the units that is left out at each update, 0 to 1", "none"),
    "layer.momentum": Words("momentum", "", "weight of the newest batch in the running mean and variance"),
    "slope": Words("slope", "", "slope for negative z"),
    "mean": Words("mean", "", "mean of the normal distribution"),
    "std": Words("std", "", "standard deviation of the normal distribution"),
    "low": Words("low", "", "least value drawn"),
    "high": Words("high", "", "largest value drawn"),
    "value": Words("value", "", "the value of every weight"),
    "network.loss": Words("loss", "", "what training makes small"),
    "training.optimizer": Words("optimizer", "", "how the gradient moves the weights"),
    "training.schedule": Words("schedule", "", "how the learning rate changes over the training"),
    "lr": Words("learning rate", "", "how far one step follows the gradient"),
    "momentum": Words("momentum", "", "share of the last step's velocity that is kept, 0 to 1"),
    "nesterov": Words("nesterov", "", "look ahead along the momentum"),
    "weight_decay": Words("weight decay", "", "pull of every parameter towards 0", "off"),
    "alpha": Words("alpha", "", "memory of the squared gradients, 0 to 1"),
    "beta1": Words("beta 1", "", "memory of the gradients, 0 to 1"),
    "beta2": Words("beta 2", "", "memory of the squared gradients, 0 to 1"),
    "eps": Words("epsilon", "", "keeps the division from zero"),
    "warmup": Words("warm-up", "steps", "steps of linear rise before the schedule starts", "off"),
    "every": Words("drop every", "epochs", "epochs between two drops"),
    "gamma": Words("factor", "", "what the learning rate is multiplied by at a drop"),
    "final": Words("last factor", "", "share of the learning rate that is left at the end"),
    "rise": Words("rise", "", "share of the steps spent rising, 0 to 1"),
    "start": Words("start at 1 /", "", "the first step takes the learning rate divided by this"),
    "end": Words("end at 1 /", "", "the last step takes the first one's, divided by this"),
    "training.schedule.patience": Words(
        "patience", "epochs", "epochs without a better loss before a drop", "none"
    ),
    "threshold": Words("threshold", "", "relative fall of the loss that counts as better"),
    "clip_norm": Words("clip norm", "", "largest Euclidean norm of the gradient", "off"),
    "batch_size": Words(
        "batch size", "samples", "samples a step; all: batch gradient descent, 1: stochastic", "all"
    ),
    "epochs": Words("epochs", "", "passes over the training samples"),
    "training.patience": Words(
        "early stop", "epochs", "stop after so many epochs without a better validation loss", "off"
    ),
    "validation": Words("validation", "", "share of the training split that is held out, 0 to 1", "none"),
    "limit": Words("samples used", "", "how many of the training split, stratified by class", "all"),
    "samples": Words("samples drawn", "", "how many in all, a fifth of them for the test"),
    "noise": Words("noise", "", "standard deviation of the noise; auto: the dataset's own"),
    "scale": Words("scaling", "", "unit: inputs to 0..1; standard: mean 0, deviation 1"),
    "seed": Words("seed", "", "seed of the weights and of the order of the samples"),
    "data.seed": Words("data seed", "", "seed of the splits and of generated samples"),
    "training.dtype": Words("precision", "", "number format; float32 is faster, float64 proves gradients"),
    "training.backend": Words(
        "computes with", "", "numpy: nnterm's own network; torch: PyTorch, on a GPU too"
    ),
    "training.device": Words("device", "", "where PyTorch computes; auto: a GPU where there is one"),
    "training.processes": Words("processes", "", "that share each batch, each with a GPU of its own"),
    "training.compile": Words(
        "compile", "", "fuse the network's operations first: slow to start, then faster on a GPU"
    ),
    "name": Words("run name", "", "what the run is called; auto: the dataset's name and a number", "auto"),
}
"""By the whole key, else by its last part, after `layer.` where layers have words of their own."""
