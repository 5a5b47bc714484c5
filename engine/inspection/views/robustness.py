"""The view robustness: the score under noise, shift, rotation and other perturbations of increasing strength."""

from itertools import pairwise

import msgspec
import numpy as np

from engine.data import Split
from engine.errors import NntermError
from engine.inspection.input_space import Space, scaled_rows
from engine.inspection.messages import Answer, Raster, UnfitError
from engine.inspection.perturbation_words import long_strength, short_strength
from engine.inspection.perturbations import Perturbation, perturbations_for
from engine.inspection.perturbed import PerturbedPredictions
from engine.inspection.rasters import finite, pictures, raster
from engine.inspection.snapshot import NetworkSnapshot
from engine.inspection.view import InspectionView, Options
from engine.training.predictions import NO_CLASS, predicted_classes, shares_of
from engine.words import counted, listed

COSTS_MUCH, COSTS_LITTLE = 0.1, 0.01
"""Loss of accuracy, as a share, that counts as much, and one that counts as little."""
COUNTED = ("shift", "rotation")
"""Perturbations with an indefinite article: a shift, but noise."""


class RobustnessOptions(Options, frozen=True):
    """The sample to show perturbed."""

    example: int = 0
    """Counted from 0 among the evaluated samples; it wraps around after the last one."""


class Level(msgspec.Struct, frozen=True):
    """The score at one strength."""

    strength: float
    score: float | None
    """Mean over the ways; None if not finite."""
    by_way: tuple[float | None, ...]
    """Score of each way."""


class Example(msgspec.Struct, frozen=True):
    """The example at one strength, perturbed in the first way."""

    strength: float
    predicted: int
    """-1 if the outputs are not finite."""
    share: float
    """Probability of that class."""
    picture: Raster


class PerturbationResponse(msgspec.Struct, frozen=True):
    """The effect of one perturbation."""

    name: str
    unit: str
    """Unit of the strength."""
    ways: tuple[str, ...]
    levels: tuple[Level, ...]
    """From 0, unperturbed, to the strongest."""
    half: float | None
    """Strength at which the score is halfway to chance; None: it never is, or the network is no better than chance."""
    words: str
    examples: tuple[Example, ...] = ()


class Robustness(Answer, frozen=True, tag="robustness"):
    """A score under perturbations, each from 0 to strong."""

    split: str
    samples: int
    judged: int
    """Number of those samples that were evaluated."""
    measure: str
    """accuracy; for a regression loss."""
    clean: float
    """Score of the same samples, unperturbed."""
    chance: float
    """Score of always predicting the most frequent class, or the mean of the targets."""
    names: tuple[str, ...]
    """Classes; empty for a regression."""
    responses: tuple[PerturbationResponse, ...]
    words: str
    note: str
    """Method, in a sentence."""
    example: int = -1
    """Index of the shown sample in its split, counted from 0; -1: none."""
    example_truth: int = -1


def robustness(snapshot: NetworkSnapshot, options: RobustnessOptions) -> Robustness:
    """Return the score of a split under each perturbation that applies to its samples."""
    if options.example < 0:
        raise NntermError("samples are counted from 0")
    name = snapshot.split_name(options.split)
    split = snapshot.split(options.split)
    key = ("robustness", name)
    if key not in snapshot.cache:
        snapshot.cache[key] = _measure(snapshot, split)
    perturbed, clean, responses = snapshot.cache[key]
    truth = -1
    if perturbed.space.is_picture and snapshot.classifies:
        position = options.example % len(perturbed.indices)
        truth = int(perturbed.truth[position])
        responses = tuple(_with_examples(perturbed, one, position) for one in responses)
    names = snapshot.class_names if snapshot.classifies else ()
    return Robustness(
        split=name,
        samples=len(split),
        judged=len(perturbed.indices),
        measure="accuracy" if snapshot.classifies else "loss",
        clean=clean,
        chance=perturbed.chance(),
        names=names,
        responses=tuple(_with_words(perturbed, one) for one in responses),
        words=_summary(perturbed, clean, responses),
        note=_note(perturbed, len(split)),
        example=int(perturbed.indices[options.example % len(perturbed.indices)]) if truth >= 0 else -1,
        example_truth=truth,
    )


def _measure(
    snapshot: NetworkSnapshot, split: Split
) -> tuple[PerturbedPredictions, float, tuple[PerturbationResponse, ...]]:
    """Evaluate the samples under every perturbation, which is expensive."""
    perturbed = PerturbedPredictions(snapshot, split)
    clean = perturbed.score(perturbed.rows)
    if not np.isfinite(clean) or (
        snapshot.classifies and not np.isfinite(snapshot.network.scores(perturbed.rows)).any()
    ):
        raise UnfitError(snapshot.why_broken(split))
    return (
        perturbed,
        clean,
        tuple(_respond(perturbed, one, clean) for one in perturbations_for(perturbed.space)),
    )


def _respond(perturbed: PerturbedPredictions, one: Perturbation, clean: float) -> PerturbationResponse:
    levels = [Level(0.0, finite(clean), (finite(clean),) * len(one.ways))]
    strengths = [
        strength for strength in one.strengths if one.name != "shift" or _fits(perturbed.space, strength)
    ]
    for strength in strengths:
        scores = [
            perturbed.score(scaled_rows(perturbed.snapshot, perturbed.samples_under(one, strength, way)))
            for way in one.ways
        ]
        mean = sum(scores) / len(scores)
        levels.append(Level(strength, finite(mean), tuple(finite(score) for score in scores)))
    half = _half(levels, (clean + perturbed.chance()) / 2, rises=not perturbed.snapshot.classifies)
    return PerturbationResponse(one.name, one.unit, one.ways, tuple(levels), half, "")


def _fits(space: Space, pixels: float) -> bool:
    """Return True if any part of a picture remains after a shift by so many pixels."""
    return not space.is_picture or pixels < min(space.shape[1:])


def _half(levels: list[Level], middle: float, *, rises: bool) -> float | None:
    """Return the strength at which the score first crosses the middle, by linear interpolation between levels."""
    sign = 1 if rises else -1
    first = levels[0].score
    if first is None or sign * (first - middle) >= 0:
        return None
    for one, other in pairwise(levels):
        before, after = one.score, other.score
        if before is None or after is None:
            return other.strength
        if sign * (after - middle) >= 0:
            share = (middle - before) / (after - before)
            return one.strength + share * (other.strength - one.strength)
    return None


# the example


def _with_examples(
    perturbed: PerturbedPredictions, response: PerturbationResponse, position: int
) -> PerturbationResponse:
    """Add one sample at every strength."""
    one = next(found for found in perturbations_for(perturbed.space) if found.name == response.name)
    alone = slice(position, position + 1)
    versions = [
        perturbed.samples_under(one, level.strength, one.ways[0], alone) for level in response.levels[1:]
    ]
    raw = np.concatenate([perturbed.raw[alone], *versions])
    network = perturbed.snapshot.network
    network.scores(scaled_rows(perturbed.snapshot, raw))
    z = network.last.pre_activation
    shares = shares_of(network, z)
    classes = np.where(np.isfinite(z).all(axis=1), predicted_classes(z), NO_CLASS)
    drawn = pictures(raw.reshape(-1, *perturbed.space.shape))
    examples = (
        Example(level.strength, int(guess), finite(share[guess]) or 0.0, raster(picture))
        for level, guess, share, picture in zip(response.levels, classes, shares, drawn, strict=True)
    )
    return msgspec.structs.replace(response, examples=tuple(examples))


# words


def _with_words(perturbed: PerturbedPredictions, response: PerturbationResponse) -> PerturbationResponse:
    """Add the sentence on the perturbation's effect."""
    one = next(found for found in perturbations_for(perturbed.space) if found.name == response.name)
    if not _has_something_to_lose(perturbed, response.levels[0].score or 0.0):
        return response
    words = _cost(perturbed.snapshot, response)
    if one.explanation and "costs" in words and "only" not in words and _is_dense(perturbed.snapshot):
        words += " " + one.explanation
    return msgspec.structs.replace(response, words=words)


def _cost(snapshot: NetworkSnapshot, response: PerturbationResponse) -> str:
    """Describe the first strength that costs much, or else the strongest one."""
    clean, last = response.levels[0].score, response.levels[-1]
    if clean is None:
        return ""
    if not snapshot.classifies:
        return f"{phrase(response, last.strength)} raises the loss from {clean:.3g} to {_figure(last.score)}."
    much = next((one for one in response.levels if clean - (one.score or 0.0) >= COSTS_MUCH), last)
    cost = clean - (much.score or 0.0)
    if cost < COSTS_LITTLE:
        return f"Even {phrase(response, much.strength, first=False)} costs only {100 * max(0.0, cost):.1f} points."
    return (
        f"{phrase(response, much.strength)} costs {100 * cost:.0f} points: "
        f"{100 * clean:.1f} % → {100 * (much.score or 0.0):.1f} %."
    )


def phrase(response: PerturbationResponse, strength: float, *, first: bool = True) -> str:
    """Return `A shift of 2 pixels`, capitalised if it is `first` in a sentence."""
    article = "a " if response.name in COUNTED else ""
    words = f"{article}{response.name} of {long_strength(strength, response.unit)}"
    return words[0].upper() + words[1:] if first else words


def _figure(value: float | None) -> str:
    return "infinity" if value is None else f"{value:.3g}"


def _is_dense(snapshot: NetworkSnapshot) -> bool:
    """Return True if no layer of the network uses the neighbourhood of pixels."""
    return not any("conv" in type(spec).__name__.lower() for spec in snapshot.network.spec.layers)


def _summary(
    perturbed: PerturbedPredictions, clean: float, responses: tuple[PerturbationResponse, ...]
) -> str:
    """Describe the strengths at which the score is halfway to chance."""
    if not _has_something_to_lose(perturbed, clean):
        chance = "chance" if perturbed.snapshot.classifies else "the mean of the targets"
        return f"Without disturbance no better than {chance}."
    halved = [f"{one.name} {short_strength(one.half, one.unit)}" for one in responses if one.half is not None]
    lasting = [one.name for one in responses if one.half is None]
    if not halved:
        return "No disturbance reaches halfway to chance."
    words = f"Halfway to chance at {listed(halved)}."
    return f"{words} Not reached by {listed(lasting)}." if lasting else words


def _has_something_to_lose(perturbed: PerturbedPredictions, clean: float) -> bool:
    """Return True if the unperturbed score is better than that of the best constant prediction."""
    return (
        clean - perturbed.chance() >= COSTS_LITTLE
        if perturbed.snapshot.classifies
        else clean < perturbed.chance()
    )


def _note(perturbed: PerturbedPredictions, samples: int) -> str:
    n_used = len(perturbed.indices)
    which = (
        f"{n_used:,} of {counted(samples, 'sample')}, evenly spaced"
        if n_used < samples
        else counted(samples, "sample")
    )
    return f"{which}; disturbed before scaling, with the same random draws at every strength."


VIEW = InspectionView("robustness", RobustnessOptions, Robustness, robustness)
