"""How well the network stands disturbance: noise, shift, rotation and others, in growing strength."""

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

COSTS_MUCH, COSTS_LITTLE = 0.1, 0.01
"""Loss of accuracy, as a share, that is worth a word, and one that is not."""
COUNTED = ("shift", "rotation")
"""Disturbances of which there is a single one."""


class RobustnessOptions(Options, frozen=True):
    """Which sample is shown disturbed."""

    example: int = 0
    """Counted from 0 among those that are judged; beyond the last one it begins anew."""


class Level(msgspec.Struct, frozen=True):
    """What is left at one strength."""

    strength: float
    score: float | None
    """Mean over the ways; None where it is not finite."""
    by_way: tuple[float | None, ...]
    """In each way by itself."""


class Example(msgspec.Struct, frozen=True):
    """The example at one strength, disturbed in the first way."""

    strength: float
    predicted: int
    """-1 where the network computes no number."""
    share: float
    """What it gives that class."""
    picture: Raster


class PerturbationResponse(msgspec.Struct, frozen=True):
    """What one disturbance does."""

    name: str
    unit: str
    """What a strength counts."""
    ways: tuple[str, ...]
    levels: tuple[Level, ...]
    """From 0, undisturbed, to the strongest."""
    half: float | None
    """The strength at which half the way to chance is gone; None: never, or there is nothing to lose."""
    words: str
    examples: tuple[Example, ...] = ()


class Robustness(Answer, frozen=True, tag="robustness"):
    """A score under disturbances, each from none to strong."""

    split: str
    samples: int
    judged: int
    """Of those, how many were disturbed and judged."""
    measure: str
    """accuracy; of a regression loss."""
    clean: float
    """Of the same samples, undisturbed."""
    chance: float
    """Of always guessing the most frequent class, or the mean of the targets."""
    names: tuple[str, ...]
    """Classes; empty for a regression."""
    responses: tuple[PerturbationResponse, ...]
    words: str
    note: str
    """How it was done."""
    example: int = -1
    """The sample that is shown, counted from 0 in its split; -1: none is."""
    example_truth: int = -1


def robustness(look: NetworkSnapshot, options: RobustnessOptions) -> Robustness:
    """Return how the score of a split falls under each disturbance that fits its samples."""
    if options.example < 0:
        raise NntermError("samples are counted from 0")
    name = look.split_name(options.split)
    split = look.split(options.split)
    key = ("robustness", name)
    if key not in look.kept:
        look.kept[key] = _measured(look, split)
    jury, clean, responses = look.kept[key]
    truth = -1
    if jury.space.is_picture and look.classifies:
        position = options.example % len(jury.indices)
        truth = int(jury.truth[position])
        responses = tuple(_with_examples(jury, one, position) for one in responses)
    names = look.class_names if look.classifies else ()
    return Robustness(
        split=name,
        samples=len(split),
        judged=len(jury.indices),
        measure="accuracy" if look.classifies else "loss",
        clean=clean,
        chance=jury.chance(),
        names=names,
        responses=tuple(_told(jury, one, names[truth] if truth >= 0 else "sample") for one in responses),
        words=_summary(jury, clean, responses),
        note=_note(jury, len(split)),
        example=int(jury.indices[options.example % len(jury.indices)]) if truth >= 0 else -1,
        example_truth=truth,
    )


def _measured(
    look: NetworkSnapshot, split: Split
) -> tuple[PerturbedPredictions, float, tuple[PerturbationResponse, ...]]:
    """Judge the samples under every disturbance: what is costly."""
    jury = PerturbedPredictions(look, split)
    clean = jury.score(jury.rows)
    if not np.isfinite(clean) or (look.classifies and not np.isfinite(look.network.scores(jury.rows)).any()):
        raise UnfitError(look.why_broken(split))
    return jury, clean, tuple(_respond(jury, one, clean) for one in perturbations_for(jury.space))


def _respond(jury: PerturbedPredictions, one: Perturbation, clean: float) -> PerturbationResponse:
    levels = [Level(0.0, finite(clean), (finite(clean),) * len(one.ways))]
    strengths = [strength for strength in one.strengths if one.name != "shift" or _fits(jury.space, strength)]
    for strength in strengths:
        scores = [jury.score(scaled_rows(jury.look, jury.disturbed(one, strength, way))) for way in one.ways]
        mean = sum(scores) / len(scores)
        levels.append(Level(strength, finite(mean), tuple(finite(score) for score in scores)))
    half = _half(levels, (clean + jury.chance()) / 2, rises=not jury.look.classifies)
    return PerturbationResponse(one.name, one.unit, one.ways, tuple(levels), half, "")


def _fits(space: Space, pixels: float) -> bool:
    """Whether anything of a picture is left when it has moved so far."""
    return not space.is_picture or pixels < min(space.shape[1:])


def _half(levels: list[Level], middle: float, *, rises: bool) -> float | None:
    """Where the score first crosses the middle between undisturbed and chance, on straight lines between levels."""
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
    jury: PerturbedPredictions, response: PerturbationResponse, position: int
) -> PerturbationResponse:
    """Show one sample at every strength."""
    one = next(found for found in perturbations_for(jury.space) if found.name == response.name)
    alone = slice(position, position + 1)
    versions = [jury.disturbed(one, level.strength, one.ways[0], alone) for level in response.levels[1:]]
    raw = np.concatenate([jury.raw[alone], *versions])
    network = jury.look.network
    network.scores(scaled_rows(jury.look, raw))
    z = network.last.pre_activation
    shares = shares_of(network, z)
    classes = np.where(np.isfinite(z).all(axis=1), predicted_classes(z), NO_CLASS)
    drawn = pictures(raw.reshape(-1, *jury.space.shape))
    examples = (
        Example(level.strength, int(guess), finite(share[guess]) or 0.0, raster(picture))
        for level, guess, share, picture in zip(response.levels, classes, shares, drawn, strict=True)
    )
    return msgspec.structs.replace(response, examples=tuple(examples))


# words


def _told(jury: PerturbedPredictions, response: PerturbationResponse, name: str) -> PerturbationResponse:
    """Add what it means."""
    one = next(found for found in perturbations_for(jury.space) if found.name == response.name)
    if not _has_something_to_lose(jury, response.levels[0].score or 0.0):
        return response
    words = _cost(jury.look, response)
    if one.says and "costs" in words and "only" not in words and _is_dense(jury.look):
        words += " " + one.says.format(name=name, a_name=a(name))
    return msgspec.structs.replace(response, words=words)


def _cost(look: NetworkSnapshot, response: PerturbationResponse) -> str:
    """What the first strength costs that costs much, or else the strongest one."""
    clean, last = response.levels[0].score, response.levels[-1]
    if clean is None:
        return ""
    if not look.classifies:
        return f"{phrase(response, last.strength)} brings the loss from {clean:.3g} to {_figure(last.score)}."
    much = next((one for one in response.levels if clean - (one.score or 0.0) >= COSTS_MUCH), last)
    cost = clean - (much.score or 0.0)
    if cost < COSTS_LITTLE:
        return f"Even {phrase(response, much.strength, first=False)} costs only {100 * max(0.0, cost):.1f} points."
    return (
        f"{phrase(response, much.strength)} costs {100 * cost:.0f} points: "
        f"{100 * clean:.1f} % become {100 * (much.score or 0.0):.1f} %."
    )


def phrase(response: PerturbationResponse, strength: float, *, first: bool = True) -> str:
    """`A shift of 2 pixels`; `first`: at the beginning of a sentence."""
    article = "a " if response.name in COUNTED else ""
    words = f"{article}{response.name} of {long_strength(strength, response.unit)}"
    return words[0].upper() + words[1:] if first else words


def a(name: str) -> str:
    """Return a class's name with its article."""
    return f"an {name}" if name[:1].lower() in "aeio8" else f"a {name}"


def _figure(value: float | None) -> str:
    return "infinity" if value is None else f"{value:.3g}"


def _is_dense(look: NetworkSnapshot) -> bool:
    """Whether nothing in the network knows of neighbouring pixels."""
    return not any("conv" in type(spec).__name__.lower() for spec in look.network.spec.layers)


def _summary(jury: PerturbedPredictions, clean: float, responses: tuple[PerturbationResponse, ...]) -> str:
    """Which strengths halve what is above chance."""
    if not _has_something_to_lose(jury, clean):
        chance = "chance" if jury.look.classifies else "the mean of the targets"
        return f"Undisturbed it is no better than {chance}: there is nothing for a disturbance to take away."
    halved = [f"{one.name} {short_strength(one.half, one.unit)}" for one in responses if one.half is not None]
    kept = [one.name for one in responses if one.half is None]
    if not halved:
        return "None of these takes half of what it knows."
    words = f"Half the way to chance is gone at {_listed(halved)}."
    return f"{words} {_listed(kept).capitalize()} never takes that much." if kept else words


def _has_something_to_lose(jury: PerturbedPredictions, clean: float) -> bool:
    """Whether the undisturbed score is better than that of a guess."""
    return clean - jury.chance() >= COSTS_LITTLE if jury.look.classifies else clean < jury.chance()


def _listed(words: list[str]) -> str:
    return ", ".join(words[:-1]) + (" and " if len(words) > 1 else "") + words[-1]


def _note(jury: PerturbedPredictions, samples: int) -> str:
    judged = len(jury.indices)
    which = f"{judged:,} of {samples:,} samples, evenly taken" if judged < samples else f"{samples:,} samples"
    return f"{which}; disturbed as the data are before scaling, with the same draws at every strength."


VIEW = InspectionView("robustness", RobustnessOptions, Robustness, robustness)
