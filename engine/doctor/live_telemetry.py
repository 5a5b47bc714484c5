"""The events of a training with measurements and findings among them."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from engine.doctor.live import Doctor
from engine.doctor.postmortem import bad_tensor_of
from engine.doctor.telemetry import Telemetry
from engine.events import Event, Finished

if TYPE_CHECKING:
    from engine.training.trainer import Trainer


def live_telemetry(trainer: "Trainer", doctor: Doctor, telemetry: Telemetry) -> Iterator[Event]:
    """Yield the trainer's events, `layers` events on the telemetry's schedule, and each finding once when it arises.

    Between two events the network is consistent, as with the trainer alone; its weights take the same values bit for
    bit.
    """
    yield from doctor.before_training()
    _limit(trainer, telemetry)
    for event in trainer:
        if isinstance(event, Finished):
            if trainer.origin is not None:
                doctor.set_first_bad(bad_tensor_of(trainer.origin))
            yield event
            yield from doctor.observe(event)
            yield from doctor.after_training(trainer.network)
            return
        yield event
        yield from doctor.observe(event)
        between_updates = not trainer.is_over and not trainer.epoch_follows
        if between_updates and telemetry.is_due(trainer.position.step, trainer.position.seconds):
            layers = telemetry.measure(
                trainer.position.step,
                trainer.network.state,
                trainer.optimizer_state,
                trainer.current_rate,
                trainer.position.seconds,
            )
            yield layers
            yield from doctor.observe(layers)
        _limit(trainer, telemetry)


def _limit(trainer: "Trainer", telemetry: Telemetry) -> None:
    to_go = telemetry.steps_to_go(trainer.position.step)
    if to_go is not None:
        trainer.yield_within(to_go)
