"""Label, unit and help of each value of an experiment."""

from typing import NamedTuple


class FieldWords(NamedTuple):
    """The texts of a field; `zero` names the special meaning of 0 or of an empty text, if it has one."""

    label: str
    unit: str = ""
    help: str = ""
    zero: str = ""


WORDS: dict[str, FieldWords] = {
    "layer.units": FieldWords("units", "units", "number of outputs; auto in the last layer: fits the task"),
    "layer.activation": FieldWords("activation", "", "function applied to z = W x + b"),
    "layer.init": FieldWords("init", "", "initial weights"),
    "layer.bias": FieldWords("bias", "", "initial biases"),
    "layer.rate": FieldWords("rate", "", "share of units dropped in each training step, 0 to 1", "none"),
    "layer.momentum": FieldWords(
        "momentum", "", "weight of the newest batch in the running mean and variance"
    ),
    "layer.eps": FieldWords("epsilon", "", "small constant that avoids division by zero"),
    "slope": FieldWords("slope", "", "slope for negative z"),
    "mean": FieldWords("mean", "", "mean of the normal distribution"),
    "std": FieldWords("std", "", "standard deviation of the normal distribution"),
    "low": FieldWords("low", "", "smallest value"),
    "high": FieldWords("high", "", "largest value"),
    "value": FieldWords("value", "", "the value of every weight"),
    "network.loss": FieldWords("loss", "", "the function that training minimises"),
    "delta": FieldWords("delta", "", "error up to which the loss is squared; beyond it is absolute"),
    "training.optimizer": FieldWords("optimizer", "", "the rule that updates the weights"),
    "training.schedule": FieldWords("schedule", "", "change of the learning rate during training"),
    "lr": FieldWords("learning rate", "", "size of an update relative to the gradient"),
    "momentum": FieldWords("momentum", "", "share of the previous step carried over, 0 to 1"),
    "nesterov": FieldWords("nesterov", "", "Nesterov momentum: gradient at the look-ahead point"),
    "weight_decay": FieldWords("weight decay", "", "L2 penalty: pulls every weight towards 0", "off"),
    "alpha": FieldWords("alpha", "", "decay of the average of squared gradients, 0 to 1"),
    "beta1": FieldWords("beta 1", "", "decay of the average of gradients, 0 to 1"),
    "beta2": FieldWords("beta 2", "", "decay of the average of squared gradients, 0 to 1"),
    "eps": FieldWords("epsilon", "", "small constant that avoids division by zero"),
    "warmup": FieldWords("warm-up", "steps", "steps of linear increase before the schedule starts", "off"),
    "every": FieldWords("drop every", "epochs", "epochs between two drops"),
    "gamma": FieldWords("factor", "", "factor on the learning rate at a drop"),
    "decay": FieldWords("decay", "per step", "the rate is half after 1/decay steps"),
    "final": FieldWords("last factor", "", "final learning rate as a share of the first"),
    "rise": FieldWords("rise", "", "share of the steps spent increasing, 0 to 1"),
    "start": FieldWords("start at 1 /", "", "the first step uses the learning rate divided by this"),
    "end": FieldWords("end at 1 /", "", "the last step uses the first one's, divided by this"),
    "training.schedule.patience": FieldWords(
        "patience", "epochs", "epochs without improvement before a drop", "none"
    ),
    "threshold": FieldWords("threshold", "", "relative decrease of the loss that counts as improvement"),
    "clip_norm": FieldWords(
        "clip norm", "", "maximum gradient norm; larger gradients are scaled down", "off"
    ),
    "batch_size": FieldWords("batch size", "samples", "all = full batch, 1 = SGD", "all"),
    "epochs": FieldWords("epochs", "", "passes over the training set"),
    "training.patience": FieldWords(
        "early stop", "epochs", "epochs without a better validation loss before stopping", "off"
    ),
    "validation": FieldWords(
        "validation", "", "share of the training set held out for validation, 0 to 1", "none"
    ),
    "limit": FieldWords("samples", "", "training samples to use, stratified by class", "all"),
    "samples": FieldWords("samples", "", "number of generated samples; a fifth is the test set"),
    "noise": FieldWords("noise", "", "standard deviation of the noise; auto: the dataset's default"),
    "scale": FieldWords("scaling", "", "unit: inputs to 0–1; standard: mean 0, deviation 1"),
    "seed": FieldWords("seed", "", "seed of the initial weights and the sample order"),
    "data.seed": FieldWords("data seed", "", "seed of the split and of generated samples"),
    "training.dtype": FieldWords("precision", "", "float32 is faster; float64 for gradient checks"),
    "training.backend": FieldWords("backend", "", "numpy: built in; torch: PyTorch, also on a GPU"),
    "training.device": FieldWords("device", "", "device for PyTorch; auto: a GPU if there is one"),
    "training.processes": FieldWords("processes", "", "processes that share each batch, one GPU each"),
    "training.threads": FieldWords("threads", "", "auto: more than one where they are clearly faster"),
    "training.compile": FieldWords("compile", "", "torch.compile: slow to start, then faster on a GPU"),
    "name": FieldWords("run name", "", "name of the run; auto: the dataset's name and a number", "auto"),
}
"""By the whole key, else by its last part; a layer's own fields by their name with the prefix `layer.`."""
