"""The lesson of each kind of layer."""

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
    """Return a new lesson on `layer` for a batch of m samples; `AnyLesson` for a kind without its own."""
    return LESSONS.get(type(layer), AnyLesson)(layer, m)
