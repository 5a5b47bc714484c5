"""The explanation of each finding: its causes and the reason for its fix, for screen, shell and documentation."""

from types import MappingProxyType

_TEXTS = {
    "output-loss-mismatch": """
The loss turns the last layer's outputs into one figure, and it takes for granted what those outputs mean.
Cross-entropy reads the logarithm of a probability, so that outputs that are none, or that cannot reach the target,
send a gradient that points nowhere useful: it pulls at something that the activation cannot give, or dies in its
flat part.

Each task has its pair: softmax with cross-entropy for one of several classes, sigmoid with binary cross-entropy for
yes or no, no activation with mean squared error for values.""",
    "class-count": """
Each output stands for one class. A spare one is the right answer to no sample, so all that it can learn is never to
be chosen: it takes its share of the probability at the start, and shows a class in every table that does not exist.
With too few, some class has no output to be said with.

One output a class, or a single one for a yes-or-no question.""",
    "nan-in-data": """
A NaN is a hole in the data: a field left empty, a division by 0. Any sum with a NaN is NaN, and so are the outputs
of its sample, the loss of its batch, and the gradient of every weight. One update later the whole network is NaN,
and no later sample can bring it back.

No setting mends this. Find out what the holes mean, then fill them (with the mean of the column, say) or leave
those rows out.""",
    "zero-init": """
The gradient of a weight is what comes in times the error that comes back, and both pass through the other layers'
weights. Where those are 0, nothing passes: behind a relu with zero weights every layer stands still, and with all
layers at zero only the output's biases learn, that is, the shares of the classes.

Drawn weights make every unit different and let the gradient through. Biases may be zero, and so may the weights of
a network without hidden layers.""",
    "symmetric-init": """
Units that begin with the same weights compute the same output, so they get the same gradient and make the same
step: they stay copies of each other however long the training is. A layer of 64 such units can do what one unit
can.

Only chance breaks the symmetry: draw the first weights, with the initialiser that fits the activation.""",
    "init-scale": """
A layer multiplies the spread of its signal by a factor, its gain, that depends on the size of its weights and on
how many inputs it has. Layers stand one behind the other, so the gains multiply: 2 in each of ten layers is 1,024,
a half is a thousandth. Too large, outputs start confident and wrong, and sigmoids in their flat ends; too small,
all samples look alike to the output, and the gradient fades in the same way on its way back.

Initialisers after Glorot (tanh, sigmoid) and He (relu) choose the size at which each layer's gain is about 1.""",
    "linear-stack": """
Two linear maps one after the other are one linear map: W₂(W₁x + b₁) + b₂ is Wx + b again. Without an activation
between them, any number of layers draws the straight boundaries that a single one draws, with more weights to get
there. Accuracy need not tell, since straight boundaries go a long way with digits.

An activation that bends, such as relu, makes the layers worth their weights.""",
    "step-activation": """
Gradient descent asks which way a small change of a weight moves the loss. The output of a step does not change
under a small change: its slope is 0 everywhere, so that every gradient behind it is 0 and the layers before it stay
as they were drawn. Rosenblatt's rule trained one layer of steps; it was the smooth sigmoid that let more of them
learn.

Use tanh, the smooth form of a step, or relu.""",
    "unscaled-input": """
A weight's gradient is proportional to the input that it multiplies. Features of about 100 get steps 100 times
longer, and features of about 0.01 as much shorter: no learning rate suits both. The loss becomes a narrow valley; a
step that is short enough for its walls crawls along its floor. Large inputs also drive sigmoids into their flat
ends at once.

Scaling every feature to mean 0 and deviation 1, measured on the training part alone, makes the valley round.""",
    "unscaled-target": """
The network starts with outputs near 0. Targets of about 5,000 make the first error 5,000 and the first squared
error 25 million; the gradient grows with the error, and the first steps throw the weights far off, or kill the
relus on the way. A rate small enough to survive that is far too small for the details that come after.

Subtract the mean of the targets and divide them by their deviation in the file, and turn predictions back in the
same way.""",
    "imbalanced": """
The loss is a mean over samples, so a class with 1 % of them has 1 % of the say. Always guessing the frequent class
is right nearly always and is what the gradient finds first; the rare one, which is often what the question is
about, may never be said. Accuracy hides it: compare it with the share of the most frequent class, not with 0.

Judge each class by itself. Collect more of the rare one, repeat its rows in the training part, or take fewer of the
others.""",
    "leakage": """
Held-out samples are to stand for those that nobody has seen. If some of them are in the training part too, knowing
them by heart looks like understanding; and if a feature is the answer in other words (a code, a date that is only
known afterwards), the network reads it off. Both look splendid here and fail on new samples.

Remove repeated rows before the parts are split, and columns that would not be known when the question is asked.""",
    "batch-too-large": """
An epoch makes as many updates as there are batches. A batch as large as the data makes one, and a training of 10
epochs then takes ten steps: far too few to get anywhere. A large batch measures the direction more exactly than is
useful, at the price of steps not taken.

Batches of 16 to 128 make many steps from the same samples, and their noise helps to generalise.""",
    "nan": """
A number became too large for its format, or a difference of two infinities was taken, and what follows from a NaN is
NaN. It mostly begins with steps that are too long: each overshoots by more than the last, weights and outputs grow
with every update, and after a few of them or some hundred the largest number of float32 (3.4·10³⁸) is passed. The
first tensor that was not finite tells where.

Lower the learning rate, or clip the gradient; nothing can be learned from a network that holds a NaN.""",
    "exploding-gradients": """
On its way back the gradient is multiplied by each layer's weights. Where those are large it grows with every layer,
and a single steep place of the loss throws all weights far from where they were: there the gradient is larger
still. What has been learned is lost, and NaN is next.

Fitting first weights keep the factors near 1. Clipping bounds the length of a step whatever the gradient; a lower
learning rate does so on average.""",
    "dead-relu": """
A relu gives 0 for everything below 0, and its slope there is 0 as well. If a step that was too long, or a bias that
starts far below 0, pushes a unit so far down that no sample switches it on, no gradient reaches its weights any
more: it is off for good, and the layer is smaller than it looks. A few such units are common and harmless.

Biases that start at 0 and shorter steps keep units alive; leaky_relu lets a little of the gradient through, so that
they can come back.""",
    "saturated": """
Sigmoid and tanh are flat at both ends: at an output of 0.99 the slope of a sigmoid is 0.01, and the gradient that
passes is a hundredth. A unit that sits there for most samples hardly learns, and neither does anything before it.
What brings it there is a weighted sum that is too large: large weights, large inputs, biases far from 0, or steps
that are too long.

Weights of fitting size put the sums into the steep middle part, and a lower rate keeps them there.""",
    "vanishing-gradients": """
Each layer multiplies the gradient by its weights and by the slope of its activation. The slope of a sigmoid is at
most 1/4, so ten of them leave less than a millionth: the last layers learn from random features, and the first ones
stand still. The loss looks like a network that has nothing to learn.

The slope of a relu is 1 where it is on, so that the gradient comes through; its initialiser (He) keeps the weights'
factor near 1 as well.""",
    "learning-rate-high": """
The gradient tells the way down at one point; the step is taken as if the slope stayed the same. Where the loss
bends with curvature λ, a step of size η times the gradient lands at the bottom if η = 1/λ, on the other side if it
is larger, and higher than it started if η is above 2/λ: then each step adds to the error of the last. The loss
leaps about, units are thrown into parts where they are dead, or the numbers run away.

Take a tenth. The best rate is mostly a little below the one at which the loss begins to leap.""",
    "learning-rate-low": """
Each step changes the weights by the rate times the gradient. Where that is a hundred-thousandth of the weights, a
hundred thousand steps are needed to change them by as much as they are. The loss falls, smoothly and always, and
the training ends long before it has arrived; nothing looks broken.

Take a rate at which an update is about a thousandth of the weights.""",
    "update-ratio": """
The size of an update over that of the weights tells how fast a layer changes, whatever its scale: about a
thousandth is usual. A layer far below has not changed by the end, so that it might as well not be trained; one far
above forgets at each step what it learned in the last. All layers share one learning rate, so a single layer that
is off points at its weights or its gradient.

Look at the layer's first weights and at the gradient that reaches it, then at the rate.""",
    "initial-loss": """
A network that knows nothing should say so: with C classes, each with probability 1/C, which costs ln C. A first
loss far above that is confidence without knowledge, from outputs that start too far apart: the weights are too
large, or the inputs are. The first updates then do nothing but undo it, and may kill units on the way.

First weights of fitting size bring the outputs together.""",
    "cannot-overfit-batch": """
Sixteen samples are few enough for almost any network to know by heart, so this asks nothing of the data and
everything of the machinery. If a thousand updates do not do it, the fault is not too few samples or too little
training: the gradient does not arrive, the steps are far too long or too short, or the loss does not measure what
is wanted.

Mend the other findings first, then try again; it takes a second and saves hours.""",
    "plateau": """
The loss stands where a constant answer is, so the output does not use what comes in. Either it cannot (too few
units, no hidden layer, dead or saturated units, regularisation that is stronger than the data), or the steps do not
leave a flat part, or there is nothing in the samples to be found.

Take away what holds the network down, then give it more units; if shuffled labels do as well, look at the data.""",
    "underfitting": """
Even the samples that it learned from are not known, so the network is too simple for them, held back, or not done.
A network without hidden layers draws straight boundaries; one with two units can bend them twice; weight decay and
dropout make it simpler on purpose.

Less regularisation first, then more units or layers, then more epochs. More data of the same kind will not help.""",
    "overfitting": """
The training loss falls because the network learns its samples by heart, noise included; the validation loss rises
because new samples have other noise. The more weights there are for each sample, the sooner this begins.

Stopping when the validation loss no longer falls, and keeping the weights that it was lowest with, costs nothing.
More samples, dropout or weight decay put off the point itself.""",
    "too-short": """
The loss was still falling at the end by a good share for each part of the training, so the network had not yet
learned what it can. The figures say how far it came, not how good it is.

Train on from where it is, or longer from the start. If it falls slowly all the way, a higher learning rate is the
quicker way.""",
    "too-long": """
Most of what could be learned was learned early; the rest of the time changed little for new samples, and gives the
network leisure to learn its own by heart.

Early stopping ends the training when the validation loss has not improved for some epochs, and keeps the best
weights.""",
    "validation-better": """
A network does best on the samples that it learned from. If it does clearly better on held-out ones, with dropout
off for both, they are not of the same kind: the split put the easy ones there (rows sorted by class or by time),
they are copies of training samples, or the training part alone was made harder.

Look at how the two parts came about, and split by chance.""",
    "never-predicted": """
The network's answers leave a class out. Mostly it is rare, so that never saying it costs the loss little; or the
network is far from done and says the frequent classes first; or it looks like another one in all the features that
there are.

Look at the confusion matrix for what is said in its place. More samples of the class, or its rows repeated, give it
a say.""",
    "overconfident": """
Once a training sample is right, the loss still falls by being surer of it, so long trainings push probabilities
towards 0 and 1. On new samples the network is as sure, and wrong more often than it says: of the guesses at 90 %,
fewer than 90 % are right. The guesses themselves may be as good as ever.

Stop in time, or do not read the outputs as probabilities: where a decision hangs on them, calibrate them on held-
out samples.""",
}


def _paragraphs(text: str) -> str:
    """Return a text with each paragraph on a single line."""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))


EXPLANATIONS = MappingProxyType({code: _paragraphs(text) for code, text in _TEXTS.items()})
"""Explanation by code: unwrapped paragraphs, separated by an empty line."""


UNEXPLAINED = "There is no more to say about this one than its sentence."
"""The explanation of every other code."""


def explain(code: str) -> str:
    """Return the causes of a finding and the reason for its fix; `UNEXPLAINED` for a code that has no text here."""
    return EXPLANATIONS.get(code, UNEXPLAINED)
