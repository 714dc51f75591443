"""How a network is trained: the [training] table of a run file."""

from typing import Literal

from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

OptimizerName = Literal["sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "adamw", "adamax"]
ScheduleName = Literal["constant", "piecewise", "step", "cosine", "one-cycle", "plateau"]
BUDGETS = ("epochs", "steps", "minutes")


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class TrainingConfig:
    """Training settings. Times within a schedule are shares of the budget, whether epochs, steps or minutes."""

    epochs: int | None = Field(None, ge=1, description="passes over the training data")
    steps: int | None = Field(None, ge=1, description="training steps, in place of epochs")
    minutes: float | None = Field(None, gt=0, description="training time, in place of epochs; scoring comes after it")
    batch: int = Field(128, ge=1, description="items in a training step")
    optimizer: OptimizerName = Field("adam", description="update rule")
    learning_rate: float = Field(1e-3, gt=0, description="rate at the schedule's highest point")
    schedule: ScheduleName = Field("constant", description="how the rate changes over training")
    warmup: float = Field(0.0, ge=0, lt=1, description="share of training over which the rate rises from 0")
    milestones: tuple[float, ...] = Field((), description="piecewise: shares of training at which the rate changes")
    factors: tuple[float, ...] = Field((), description="piecewise: the rate's factor from each milestone on")
    decay_every: float = Field(1 / 3, gt=0, le=1, description="step: share of training between two decays")
    decay_factor: float = Field(0.1, gt=0, lt=1, description="step, plateau: what the rate is multiplied by")
    patience: int = Field(3, ge=1, description="plateau: validations without a better loss before a decay")
    momentum: float = Field(0.9, ge=0, lt=1, description="momentum, nesterov: share of the last update that is kept")
    beta1: float = Field(0.9, ge=0, lt=1, description="adam, adamw, adamax: decay of the mean gradient")
    beta2: float = Field(0.999, ge=0, lt=1, description="adam, adamw, adamax: decay of the squared gradient")
    adagrad_start: float = Field(
        0.0, ge=0, description="adagrad: where the sum of squared gradients begins; 0: the first step is the whole rate"
    )
    weight_decay: float = Field(
        0.0, ge=0, description="pull of the weights to 0: through the gradient, or beside it (adamw)"
    )
    clip_norm: float | None = Field(None, gt=0, description="longest gradient of a player; longer ones are shortened")
    clip_value: float | None = Field(None, gt=0, description="largest entry of a gradient; larger ones are cut")
    ema: float | None = Field(
        None, gt=0, lt=1, description="moving average of the weights, used for scores: its decay, once warm"
    )
    early_stopping: int | None = Field(
        None, ge=1, description="validations without a better loss before training stops; the best weights are kept"
    )
    validate_every: int | None = Field(
        None, ge=1, description="steps between two validations; unset: an epoch, but at least 100 and at most 2000"
    )
    device: str = Field("auto", description="auto, cpu, cuda, cuda:1, mps ...")
    precision: Literal["auto", "fp32", "bf16"] = Field(
        "auto", description="bf16 keeps weights in fp32; auto: bf16 where the processor has it and it is faster"
    )
    log_every: int = Field(50, ge=1, description="steps between two lines of events.jsonl, each a mean over them")
    checkpoint_seconds: float = Field(30.0, ge=0, description="seconds between two checkpoints; 0: after every step")
    film: int | None = Field(
        None, ge=0, description="frames of a film of samples over training; unset: 60, fewer in a short run; 0: none"
    )

    def __post_init__(self) -> None:
        given = [name for name in BUDGETS if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"give one of epochs, steps and minutes; got {' and '.join(given) or 'none'}")
        if self.optimizer == "nesterov" and not self.momentum:
            raise ValueError("optimizer=nesterov needs momentum above 0; without it, it is sgd")
        if len(self.milestones) != len(self.factors):
            raise ValueError(f"{len(self.milestones)} milestones need as many factors; got {len(self.factors)}")
        if list(self.milestones) != sorted(self.milestones) or any(not 0 < share < 1 for share in self.milestones):
            raise ValueError(f"milestones are shares of training between 0 and 1, rising; got {list(self.milestones)}")
        if (self.schedule == "piecewise") != bool(self.milestones):
            raise ValueError("schedule=piecewise and milestones go together")
