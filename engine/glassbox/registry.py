"""Which lesson tells which kind of layer: the one place where the glass box tells the kinds apart."""

from engine.glassbox.batchnorm import BatchNormLesson
from engine.glassbox.dense import DenseLesson
from engine.glassbox.dropout import DropoutLesson
from engine.glassbox.lesson import AnyLesson, Lesson
from engine.nn.layers import BatchNorm, Dense, Dropout, Layer

LESSONS: dict[type[Layer], type[Lesson]] = {
    Dense: DenseLesson,
    Dropout: DropoutLesson,
    BatchNorm: BatchNormLesson,
}


def lesson_for(layer: Layer, m: int) -> Lesson:
    """Return a new lesson on `layer` for a batch of m samples; a kind without one is told in outline."""
    return LESSONS.get(type(layer), AnyLesson)(layer, m)
