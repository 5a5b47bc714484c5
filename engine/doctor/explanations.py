"""The explanation of each finding: its causes and the reason for its fix, for screen, shell and documentation."""

from types import MappingProxyType

_TEXTS = {
    "output-loss-mismatch": """
The loss turns the outputs of the last layer into one number and assumes what they mean. Cross-entropy takes the
logarithm of a probability: outputs that are not probabilities, or that cannot reach the target, give a gradient that
points in a useless direction or vanishes in the flat part of the activation. Trained anyway, the loss takes such
outputs as scores and applies its own softmax or sigmoid to them. The network may then still tell the classes apart. But
after a relu no score is below 0, so that a single output never gives less than 50 %, and an output that is 0 for a
sample gets no gradient from it.

Each task has its pair: softmax with cross-entropy for several classes, sigmoid with binary cross-entropy for two, no
activation with mean squared error for values.""",
    "class-count": """
Each output stands for one class. A surplus output is never the right answer: it takes a share of the probability at
the start and adds a class to every table that does not exist. With too few outputs, some class cannot be predicted.

Use one output per class, or a single output for two classes.""",
    "nan-in-data": """
A NaN in the data is a missing field or a division by 0. Every sum with a NaN is NaN, and so are the outputs for its
sample, the loss of its batch and the gradient of every weight. One update later the whole network is NaN, and no later
sample can repair it.

There is no automatic fix. Find out what the missing values mean, then fill them (with the mean of the column, for
example) or remove those rows.""",
    "zero-init": """
The gradient of a weight is the incoming value times the error from above, and both pass through the weights of the
other layers. Where those are 0, nothing passes: behind a ReLU with zero weights no layer learns, and with all layers at
zero only the biases of the output learn, that is, the class frequencies.

Random weights make every unit different and let the gradient through. Biases may be zero, and so may the weights of a
network without hidden layers.""",
    "symmetric-init": """
Units that start with the same weights compute the same output, get the same gradient and make the same step: they stay
identical however long the training is. A layer of 64 such units can do what one unit can.

Only randomness breaks the symmetry: draw the initial weights with the initialiser that suits the activation.""",
    "init-scale": """
A layer multiplies the standard deviation of its signal by a factor, its gain, which depends on the size of its weights
and its number of inputs. The gains of successive layers multiply: a gain of 2 in ten layers is 1,024, a gain of a half
is a thousandth. If the product is too large, outputs start confident and wrong, and sigmoids start saturated; if it is
too small, all samples look alike to the output, and the gradient vanishes in the same way on its way back.

Glorot initialisation (tanh, sigmoid) and He initialisation (ReLU) choose the size at which the gain of each layer is
about 1.""",
    "linear-stack": """
Two linear maps in a row are one linear map: W₂(W₁x + b₁) + b₂ is Wx + b again. Without an activation between them, any
number of layers has the straight decision boundaries of a single layer, with more weights. The accuracy may not show
it, since straight boundaries work well for digits.

A nonlinear activation such as ReLU makes the layers useful.""",
    "step-activation": """
Gradient descent asks how a small change of a weight changes the loss. The output of a step function does not change
under a small change: its slope is 0 everywhere, so every gradient behind it is 0 and the layers before it keep their
initial weights. Rosenblatt's perceptron rule trains a single layer of steps; the smooth sigmoid made several layers
trainable.

Use tanh, the smooth form of a step, or ReLU.""",
    "unscaled-input": """
The gradient of a weight is proportional to its input. Features of size 100 get steps that are 100 times longer, and
features of size 0.01 steps that are as much shorter: no learning rate suits both. The loss becomes a narrow valley, in
which a step short enough for the steep direction makes hardly any progress in the flat one. Large inputs also saturate
sigmoids at once.

Scaling every feature to mean 0 and standard deviation 1, computed from the training samples alone, makes the valley
round.""",
    "unscaled-target": """
The outputs of a network start near 0. Targets of about 5,000 make the first error 5,000 and the first squared error 25
million; the gradient grows with the error, and the first steps throw the weights far away or kill ReLU units. A learning
rate small enough to survive that is far too small for the details.

Subtract the mean of the targets and divide by their standard deviation in the file, and transform the predictions
back.""",
    "constant-input": """
A column with the same value everywhere tells nothing apart; if every column is like that, all samples look the same to
the network, and the best that it can learn is one constant output. The usual reason is a step before training: a
division of whole numbers that rounds to 0, a scaler fitted on the wrong array, a column of the file read twice.

There is no automatic fix. Look at a few rows of the file, before and after each step that made it.""",
    "outlier-input": """
Standardising divides by the standard deviation, and squares decide that: a single value a million times too large makes
the deviation of its column so large that all other values become equal. Without scaling the one sample has a gradient
that large, and its step undoes all others. A number such as -999 for "missing" does the same in many rows at once; so
does a heavy tail.

There is no automatic fix. Correct the value or remove its row, replace missing values (by the median of the column, with
a second column that marks them), and take the logarithm of a column with a heavy tail.""",
    "outlier-target": """
The squared error of one sample grows with the square of its distance: a target a thousand standard deviations away costs
as much as a million others. The training serves that sample alone, and mean and scale of the targets are those of the
outlier.

There is no automatic fix. Correct the value or remove its row; where such values are real, predict the logarithm of the
target.""",
    "categorical-input": """
A weight multiplies its input by a number: town 40 counts twice as much as town 20. If the numbers are names, there is no
such order, and a network has to bend its output at every single code, for which it has neither the units nor the samples.

Give each code a column of its own that is 1 for its rows and 0 for all others (one-hot). A code that occurs once cannot
be learned either way.""",
    "held-out-differs": """
Held-out samples measure how the network will do on new ones, provided that they are drawn like the training samples. If
their classes have other shares or their columns another mean, the score measures the difference of the two sets as well:
rows that were sorted by class or time, a part from another source, a scaler fitted on the test part itself.

Shuffle the rows before they are divided, and fit every scaling on the training samples alone. Where new samples really
do differ, hold out samples of their kind for validation.""",
    "batchnorm-batch": """
Batch normalisation replaces each value by its distance from the mean of the batch, in deviations of the batch. Of two
samples that leaves only their order: every unit gives plus or minus one, whatever the data. Predictions use running
statistics instead, which such batches never show to the layers behind.

Use batches of 16 or more, or leave the normalisation out.""",
    "schedule": """
The learning rate that counts is the one that is applied: the optimizer's times the factor of the schedule. A warm-up that
is longer than the training never reaches it, and a rate that is reduced to a thousandth in the first epochs leaves the
rest of the training without effect. Both look like a learning rate that is too low.

A warm-up of a twentieth of the steps is long; a schedule should fall over the whole training.""",
    "clip": """
Clipping shortens a gradient that is longer than the limit to that limit. It is meant for rare, steep places; if the limit
is far below the usual norm of the gradient, it shortens every step, and the learning rate that is applied is that much
lower. The loss then falls as slowly as with a learning rate that is too low.

Set the limit above the usual norm, so that it acts on few steps.""",
    "patience": """
Early stopping ends a training when the validation loss has not improved for some epochs. Many trainings begin with a
plateau: xor, a checkerboard and spirals stay near the loss of a constant prediction until the units have found their
places. A patience shorter than that plateau ends the training before it begins.

Turn early stopping off, or allow many more epochs, until the loss has once fallen.""",
    "no-signal": """
A network with enough weights memorises any labels, even random ones. If it does so and is no better than a guess on
new samples, it has found nothing that inputs and labels have in common. Most often they were separated: one was shuffled
or sorted without the other, rows were dropped in one file only, the wrong column was taken for the label.

Look at a few rows together with their labels. If they do belong together, the inputs lack what decides the label, and
neither more units nor more epochs will find it.""",
    "imbalanced": """
The loss is a mean over samples, so a class with 1 % of them has 1 % of the weight. Always predicting the frequent class
is nearly always right, and gradient descent finds that first; the rare class, which is often the important one, may
never be predicted. Accuracy hides it: compare it with the share of the most frequent class, not with 0.

Look at each class separately. Collect more samples of the rare class, repeat its rows in the training set, or use fewer
of the others.""",
    "leakage": """
Held-out samples stand for samples that nobody has seen. If some of them are in the training set too, memorising looks
like generalising; and if a feature contains the answer (a code, a date that is only known afterwards), the network
simply reads it. Both give excellent scores here and fail on new samples.

Remove duplicate rows before the data are split, and columns that would not be known at prediction time.""",
    "batch-too-large": """
An epoch makes as many updates as there are batches. A batch as large as the data makes one, so 10 epochs are ten steps:
far too few to learn anything. A large batch computes the gradient more exactly than necessary, at the cost of fewer
steps.

Batches of 16 to 128 make many steps from the same samples, and their noise helps to generalise.""",
    "nan": """
A number overflowed, or a difference of two infinities was computed, and everything computed from a NaN is NaN. It
usually begins with steps that are too long: each overshoots by more than the last, weights and outputs grow with every
update, and after a few or a few hundred updates they exceed the largest number of float32 (3.4·10³⁸). The first tensor
that was not finite shows where.

Lower the learning rate, or clip the gradient; a network that contains a NaN cannot learn.""",
    "exploding-gradients": """
On its way back the gradient is multiplied by the weights of each layer. Where they are large it grows with every layer,
and a single steep place of the loss moves all weights far away, where the gradient is larger still. What has been
learned is lost, and NaN comes next.

Suitable initial weights keep the factors near 1. Clipping limits the length of each step; a lower learning rate limits
it on average.""",
    "dead-relu": """
A ReLU outputs 0 for every input below 0, and its slope there is 0 too. If a step that was too long, or a negative bias,
pushes a unit so low that no sample activates it, no gradient reaches its weights any more: it stays dead, and the layer
is smaller than it looks. A few dead units are common and harmless.

Biases that start at 0 and shorter steps keep units alive; leaky_relu passes a small part of the gradient, so that
they can recover.""",
    "saturated": """
Sigmoid and tanh are flat at both ends: at an output of 0.99 the slope of a sigmoid is 0.01, and a hundredth of the
gradient passes. A unit that is saturated for most samples hardly learns, and neither does anything before it. The cause
is a weighted sum that is too large: large weights, large inputs, biases far from 0, or steps that are too long.

Initial weights of suitable size put the sums into the steep middle part, and a lower learning rate keeps them
there.""",
    "vanishing-gradients": """
Each layer multiplies the gradient by its weights and by the slope of its activation. The slope of a sigmoid is at most
1/4, so ten of them leave less than a millionth: the last layers learn from random features, and the first ones do not
learn at all. The loss looks as if there were nothing to learn.

The slope of an active ReLU is 1, so the gradient passes; its initialiser (He) keeps the factor of the weights near 1 as
well.""",
    "learning-rate-high": """
The gradient is the slope at one point; the step assumes that the slope stays the same. Where the loss has curvature λ, a
step of η times the gradient reaches the minimum if η = 1/λ, overshoots it if η is larger, and ends higher than it
started if η is above 2/λ: then each step adds to the error of the last. The loss jumps up and down, units die, or values
overflow.

Lower the learning rate. The suggested value is a tenth of it, or the usual value of the optimizer if that is lower. The
best value is usually a little below the one at which the loss begins to jump.""",
    "learning-rate-low": """
Each step changes the weights by the learning rate times the gradient. If that is a hundred-thousandth of the weights, a
hundred thousand steps are needed to change them by their own size. The loss falls smoothly, and the training ends long
before it has converged; nothing looks broken.

Use a learning rate at which an update is about a thousandth of the weights.""",
    "update-ratio": """
The norm of an update over the norm of the weights tells how fast a layer changes, whatever its scale: about a thousandth
is typical. A layer far below has hardly changed by the end; one far above loses at each step what it learned in the
last. All layers share one learning rate, so if a single layer is unusual, the cause is its weights or its gradient.

Check the layer's initial weights and the gradient that reaches it, then the learning rate.""",
    "initial-loss": """
An untrained network should give each of C classes the probability 1/C, which costs ln C. A first loss far above that
means confident wrong predictions, from outputs that start too far apart: the weights are too large, or the inputs are.
The first updates only undo this, and may kill units meanwhile.

Initial weights of suitable size bring the outputs together.""",
    "cannot-overfit-batch": """
Almost any network can memorise sixteen samples, so this tests the training itself and not the data. If a thousand
updates are not enough, more samples or more epochs will not help: the gradient does not arrive, the steps are far too
long or too short, or the loss does not measure the task.

Fix the other findings first, then try again; it takes a second and saves hours.""",
    "plateau": """
The loss is that of a constant prediction, so the output does not depend on the input. Either it cannot (too few units,
no hidden layer, dead or saturated units, too much regularisation), or the steps do not leave a flat region, or the
samples contain nothing to learn.

Remove what limits the network, then give it more units; if shuffled labels do as well, look at the data.""",
    "underfitting": """
The network does not fit even its training samples: it is too simple for them, regularised too strongly, or not trained
long enough. A network without hidden layers has straight decision boundaries; two hidden units can bend them twice;
weight decay and dropout make it simpler on purpose.

Try less regularisation first, then more units or layers, then more epochs. More data of the same kind will not help.""",
    "overfitting": """
The training loss falls because the network memorises its samples, including their noise; the validation loss rises
because new samples have other noise. The more weights there are per sample, the sooner this begins.

Early stopping ends the training when the validation loss no longer falls and restores the weights with the lowest one;
it costs nothing. More samples, dropout or weight decay delay overfitting itself.""",
    "too-short": """
The loss was still falling noticeably at the end, so the network had not yet learned what it can. The scores show how far
it came, not how good it can be.

Continue the training, or train longer from the start. If the loss falls slowly all the way, a higher learning rate is
faster.""",
    "too-long": """
Most of what could be learned was learned early; the remaining epochs changed little for new samples and let the network
memorise its own.

Early stopping ends the training when the validation loss has not improved for some epochs, and restores the best
weights.""",
    "validation-better": """
A network is usually best on its training samples. If it is clearly better on held-out samples, with dropout off for
both, the two sets differ: the easy samples are in one of them (rows sorted by class or time), the held-out samples are
copies of training samples, or only the training samples were made harder.

Check how the data were split, and split them at random.""",
    "never-predicted": """
The network never predicts a class. Usually the class is rare, so that never predicting it costs little loss; or the
training is far from finished and predicts the frequent classes first; or the class looks like another one in all
features.

The confusion matrix shows what is predicted instead. More samples of the class, or repeated rows, give it weight.""",
    "overconfident": """
Once a training sample is classified correctly, the loss still falls when the network becomes more confident, so long
trainings push probabilities towards 0 and 1. On new samples the network is as confident but less often right: of the
predictions at 90 %, fewer than 90 % are correct. The predictions themselves may be as good as ever.

Stop earlier, or do not read the outputs as probabilities: where a decision depends on them, calibrate them on held-out
samples.""",
}


def _paragraphs(text: str) -> str:
    """Return a text with each paragraph on a single line."""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))


EXPLANATIONS = MappingProxyType({code: _paragraphs(text) for code, text in _TEXTS.items()})
"""Explanation by code: unwrapped paragraphs, separated by an empty line."""


UNEXPLAINED = "No further explanation is available."
"""The explanation of every other code."""


def explain(code: str) -> str:
    """Return the causes of a finding and the reason for its fix; `UNEXPLAINED` for a code that has no text here."""
    return EXPLANATIONS.get(code, UNEXPLAINED)
