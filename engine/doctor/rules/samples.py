"""Rules on the data: NaN, scales, class balance, leakage, batch size."""

from collections.abc import Iterator

from engine.doctor.evidence import Plan
from engine.doctor.rule import Verdict, rule
from engine.doctor.words import extremes
from engine.words import counted

LARGE, SMALL = 10.0, 0.01
"""Root mean square of an input outside which first weights of the usual size are unsuitable."""
SPREAD = 100.0
"""Largest over smallest feature."""
NARROW = 0.01
"""Standard deviation of a column over its mean, below which it is nearly constant to the network."""
LARGE_TARGET, SMALL_TARGET = 10.0, 0.1
"""Standard deviation of the targets, and their mean in standard deviations."""
UNLIKE_TARGETS = 30.0
"""Largest over smallest standard deviation of several targets."""
IMBALANCE = 10.0
"""Samples of the most frequent class over those of the rarest (Amazon SageMaker Debugger: ClassImbalance)."""
MANY_CLASSES = 50
"""Whole numbers in y of which the rarest are few: they may be values, such as counts, rather than classes."""
SHARED = 0.02
"""Share of the held-out samples that are training samples."""
LEAKING = 0.995
"""Share of variance that a feature and the target have in common."""
FEWEST_STEPS = 100
"""Updates of a whole training."""
FEWEST_BATCHES, FEWEST_SAMPLES = 8, 64
"""Batches in an epoch; samples in a batch that could be smaller."""


@rule("nan-in-data", Plan, "Schoop, Huang, Hartmann 2021, UMLAUT (CHI 2021)")
def nan_in_data(plan: Plan) -> Iterator[Verdict]:
    """Report NaN or infinite values in the file: one makes every weight that it reaches NaN."""
    gap = plan.gap
    if gap is None:
        return
    columns = ", ".join(str(feature) for feature in gap.features[:5]) + (
        ", ..." if len(gap.features) > 5 else ""
    )
    where = f"{gap.array}, in column{'s' * (len(gap.features) > 1)} {columns}" if gap.features else gap.array
    values = "value is" if gap.count == 1 else "values are"
    yield Verdict(
        severity="error",
        message=f"{gap.count:,} {values} NaN or infinite, in {counted(gap.samples, 'row')} of "
        f"{where}: fill {'it' if gap.count == 1 else 'them'}, or remove "
        f"{'that row' if gap.samples == 1 else 'those rows'}",
        evidence={
            "values": gap.count,
            "rows": gap.samples,
            "array": gap.array,
            "columns": list(gap.features),
            "by_column": extremes({f"column {i}": n for i, n in zip(gap.features, gap.counts, strict=False)}),
        },
    )


@rule("unscaled-input", Plan, "LeCun et al. 1998, Efficient BackProp, section 4.3; UMLAUT (CHI 2021)")
def unscaled_input(plan: Plan) -> Iterator[Verdict]:
    """Report features far from order 1, or of very different sizes."""
    facts = plan.facts
    if facts is None or plan.info.kind == "gate" or not facts.largest_input:
        return
    large, small = facts.largest_input, facts.smallest_input
    if large > LARGE:
        reason = f"inputs are as large as {large:.3g}"
    elif large < SMALL:
        reason = f"inputs are as small as {large:.2g}"
    elif large > SPREAD * small:
        reason = f"the largest input feature is {large / small:.3g} times the smallest"
    elif (narrow := facts.columns.narrow) is not None and narrow.deviation < NARROW * abs(narrow.around):
        reason = (
            f"input column {narrow.column} varies only by {narrow.deviation:.2g} around {narrow.around:.3g}"
        )
    else:
        return
    scale = "unit" if plan.info.kind == "images" else "standard"
    yield Verdict(
        severity="warning",
        message=f"{reason}; initial weights and learning rates are meant for inputs of about 1",
        evidence={
            "largest": large,
            **({} if small == large else {"smallest": small}),
            "usual": 1.0,
            "scale": plan.experiment.data.scale,
        },
        remedy={"data.scale": scale},
    )


@rule("unscaled-target", Plan, "LeCun et al. 1998, Efficient BackProp, section 4.5")
def unscaled_target(plan: Plan) -> Iterator[Verdict]:
    """Report regression targets far from order 1, far from 0, or of very different sizes."""
    facts = plan.facts
    if facts is None or facts.target_std is None or facts.target_mean is None:
        return
    mean, std = facts.target_mean, facts.target_std
    smallest = min(facts.target_deviations, default=std)
    if std > LARGE_TARGET:
        why = "the first gradients are that many times too large"
    elif abs(mean) > LARGE_TARGET * max(1.0, std):
        why = "the first updates only bring the outputs to that mean"
    elif std > 0 and abs(mean) > LARGE_TARGET * std:
        why = "all outputs are nearly the same, and the loss of a constant prediction is already small"
    elif 0 < std < SMALL_TARGET:
        why = "the gradients are that many times too small"
    elif smallest and std > UNLIKE_TARGETS * smallest:
        yield _unlike_targets(std, smallest)
        return
    else:
        return
    yield Verdict(
        severity="warning",
        message=f"the targets have mean {mean:.3g} and standard deviation {std:.3g}: standardise them in the file, "
        f"otherwise {why}",
        evidence={"mean": mean, "std": std, "usual": 1.0},
    )


def _unlike_targets(largest: float, smallest: float) -> Verdict:
    return Verdict(
        severity="warning",
        message=f"one target has standard deviation {largest:.3g}, another {smallest:.2g}: the loss is that of the "
        "former alone; standardise each of them in the file",
        evidence={"std": largest, "smallest": smallest, "ratio": largest / smallest},
    )


@rule("imbalanced", Plan, "Amazon SageMaker Debugger, ClassImbalance")
def imbalanced(plan: Plan) -> Iterator[Verdict]:
    """Report one class much rarer than another: always predicting the other has a high accuracy."""
    counts = plan.facts.class_counts if plan.facts else ()
    if len(counts) < 2 or max(counts) <= IMBALANCE * min(counts):
        return
    names = plan.info.class_names
    rarest, commonest = counts.index(min(counts)), counts.index(max(counts))
    times = f"{max(counts) / min(counts):.3g} times as many" if min(counts) else "all the others"
    fewest = counted(min(counts), "training sample")
    advice = (
        f"always predicting the latter is right for {100 * max(counts) / sum(counts):.3g} %, so look at each class "
        "separately"
    )
    if len(counts) > MANY_CLASSES and all(name.isdigit() for name in names):
        advice = (
            f'y has {len(counts)} different whole numbers; if they are values, set data.task = "regression"'
        )
    yield Verdict(
        severity="warning",
        message=f'class "{names[rarest]}" has {fewest} and "{names[commonest]}" {max(counts):,}, {times}: {advice}',
        evidence={
            "rarest": min(counts),
            "commonest": max(counts),
            "chance": plan.chance,
            "counts": extremes(dict(zip(names, counts, strict=False))),
        },
    )


@rule("leakage", Plan, "Kaufman et al. 2012, Leakage in data mining; Amazon SageMaker Debugger")
def leakage(plan: Plan) -> Iterator[Verdict]:
    """Report held-out samples that are training samples, or a feature that reveals the target."""
    facts = plan.facts
    if facts is None:
        return
    if facts.shared > SHARED:
        yield Verdict(
            severity="warning",
            message=f"{100 * facts.shared:.3g} % of the validation and test samples are training samples too, so "
            "their scores say little about new samples: remove the duplicate rows",
            evidence={"shared": facts.shared, "new": 1 - facts.shared},
        )
    if facts.leaking_feature is not None and facts.leaking_share > LEAKING:
        yield Verdict(
            severity="warning",
            message=f"input feature {facts.leaking_feature} alone predicts the target "
            f"({100 * facts.leaking_share:.4g} % of the variance in common): does it contain the answer?",
            evidence={
                "feature": facts.leaking_feature,
                "share": facts.leaking_share,
                "rest": 1 - facts.leaking_share,
            },
        )


@rule("batch-too-large", Plan, "Keskar et al. 2017; Masters and Luschi 2018 (batches of 2 to 32)")
def batch_too_large(plan: Plan) -> Iterator[Verdict]:
    """Report a batch larger than the training set, or so large that only few updates are made."""
    facts, training = plan.facts, plan.experiment.training
    if facts is None or plan.total_steps is None:
        return
    remedy = {"training.batch_size": min(32, max(1, facts.train // 10))}
    batch_size = min(training.batch_size or facts.train, facts.train)
    if training.batch_size > facts.train:
        yield Verdict(
            severity="warning",
            message=f"a batch of {training.batch_size:,} is larger than the "
            f"{counted(facts.train, 'training sample')}: each epoch is a single update",
            evidence={"batch_size": training.batch_size, "samples": facts.train},
            remedy=remedy,
        )
    elif plan.total_steps < FEWEST_STEPS and batch_size >= max(FEWEST_SAMPLES, facts.train / FEWEST_BATCHES):
        batch = (
            f"batches of {training.batch_size:,} make"
            if training.batch_size
            else "the whole training set as one batch makes"
        )
        yield Verdict(
            severity="warning",
            message=f"{batch} only {counted(plan.total_steps, 'update')} in {counted(training.epochs, 'epoch')}: "
            "smaller batches make more updates from the same data",
            evidence={"batch_size": batch_size, "steps": plan.total_steps, "usual": FEWEST_STEPS},
            remedy=remedy,
        )
