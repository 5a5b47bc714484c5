"""Terms of the network and its data: layers, activations, initialisation, size."""

from tui.glossary.term import Term

TERMS = (
    Term(
        "layer",
        "A step of the network's computation; a dense layer computes W x + b and applies an activation.",
        "build train gradients inspect",
        aliases=("dense", "layers"),
    ),
    Term(
        "unit",
        "One output of a layer, also called a neuron.",
        "build train inspect",
        "2 to 1,024 in a layer",
        aliases=("units", "neuron"),
    ),
    Term(
        "activation",
        "The non-linear function that a layer applies to z = W x + b; also its output a.",
        "build train inspect",
        "relu in hidden layers",
        aliases=("activations",),
    ),
    Term(
        "pre-activation",
        "z = W x + b, a unit's weighted sum before the activation function.",
        "gradients inspect",
        aliases=("weighted sum", "z"),
    ),
    Term(
        "bias", "The constant that a unit adds to its weighted sum.", "build gradients inspect", "starts at 0"
    ),
    Term(
        "relu",
        "max(0, z): the usual activation of hidden layers; its slope is 1 for positive z and 0 otherwise.",
        "build train inspect",
        source="Glorot, Bordes, Bengio 2011",
        aliases=("rectifier", "leaky_relu"),
    ),
    Term(
        "sigmoid",
        "1 / (1 + e^-z), between 0 and 1; its slope is at most 0.25, so gradients shrink from layer to layer.",
        "build train inspect",
    ),
    Term(
        "tanh",
        "The hyperbolic tangent, between -1 and 1; its slope is at most 1 and near 0 for large |z|.",
        "build train inspect",
    ),
    Term(
        "softmax",
        "Turns the outputs of the last layer into probabilities of the classes, which add up to 1.",
        "build inspect gradients",
        aliases=("logits",),
    ),
    Term(
        "linear",
        "No activation: a = z, the output layer of a regression.",
        "build inspect",
        aliases=("identity",),
    ),
    Term(
        "init",
        "How the weights are drawn before training; the spread is chosen so that signals neither vanish nor explode.",
        "build",
        aliases=("initialiser", "initializer", "initialisation"),
    ),
    Term(
        "he_normal",
        "Weights from a normal distribution with variance 2 / inputs, which suits relu.",
        "build",
        source="He et al. 2015",
        aliases=("he_uniform", "kaiming"),
    ),
    Term(
        "xavier_normal",
        "Weights from a normal distribution with variance 2 / (inputs + outputs), which suits tanh and sigmoid.",
        "build",
        source="Glorot and Bengio 2010",
        aliases=("xavier_uniform", "glorot"),
    ),
    Term(
        "lecun_normal",
        "Weights from a normal distribution with variance 1 / inputs.",
        "build",
        source="LeCun et al. 1998",
    ),
    Term(
        "orthogonal",
        "Weight matrices with orthonormal rows or columns, which keep the length of signals.",
        "build",
        source="Saxe, McClelland, Ganguli 2014",
    ),
    Term(
        "dropout",
        "A layer that sets a random share of its inputs to 0 in each training step, to regularise; off when evaluating.",
        "build",
        "0.2 to 0.5",
        "Srivastava et al. 2014",
        ("rate",),
    ),
    Term(
        "batch norm",
        "A layer that shifts and scales each feature to mean 0 and variance 1 over the batch, then by learned factors.",
        "build",
        source="Ioffe and Szegedy 2015",
        aliases=("batchnorm", "batch normalisation"),
    ),
    Term(
        "parameters",
        "All numbers that training changes: weights and biases.",
        "build train inspect runs",
        "17 for XOR, 100,000 for MNIST",
    ),
    Term(
        "weights",
        "The factors of a layer's inputs; a matrix of outputs times inputs.",
        "build train gradients inspect",
        aliases=("weight", "tensor"),
    ),
    Term(
        "FLOPs",
        "Floating-point operations, additions and multiplications; about 2 per weight and sample forward, 6 to train.",
        "build",
        aliases=("FLOP", "kFLOP", "MFLOP", "GFLOP"),
    ),
    Term(
        "memory",
        "Bytes of the weights, and of all that training holds: gradients, optimizer state, activations of a batch.",
        "build",
    ),
    Term(
        "task",
        "What is predicted: a class (classification), one of two classes (binary), or a number (regression).",
        "data build",
        aliases=("classification", "binary", "regression"),
    ),
    Term(
        "features",
        "The numbers that describe one sample, the network's input.",
        "data build inspect",
        "2 for points, 784 for 28 x 28 images",
        aliases=("input",),
    ),
    Term(
        "class",
        "One of the possible answers of a classification.",
        "data inspect",
        aliases=("classes", "label"),
    ),
    Term(
        "sample",
        "One example: an input with its target.",
        "data build gradients inspect",
        aliases=("samples",),
    ),
    Term(
        "class balance",
        "How many samples each class has; a rare class is easily ignored by the network.",
        "data",
        "largest over smallest below 10",
        "Amazon SageMaker Debugger",
    ),
    Term(
        "scaling",
        "How inputs are brought to a common size: unit maps to 0..1, standard to mean 0 and deviation 1.",
        "build data",
        aliases=("scale", "standard", "normalisation"),
    ),
    Term(
        "noise",
        "The standard deviation of the random numbers added to generated samples, or to inputs in a robustness test.",
        "build data inspect",
    ),
    Term(
        "linearly separable",
        "A straight line or plane divides the classes; otherwise a hidden layer is needed.",
        "data",
    ),
    Term(
        "backend",
        "The library that computes: NumPy, nnterm's own network, or PyTorch, also on a GPU.",
        "build devices",
        aliases=("numpy", "torch", "PyTorch"),
    ),
    Term(
        "preset", "A network with settings known to train well on the dataset.", "build", aliases=("presets",)
    ),
)
