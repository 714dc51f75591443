"""All that changes while a network is trained, so that a checkpoint of it is a checkpoint of everything."""

import math
from collections.abc import Generator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from understudy.data.batches import batch_count, batches
from understudy.data.dataset import Batch, Dataset
from understudy.models.network import Network
from understudy.training.config import TrainingConfig
from understudy.training.engine import Engine
from understudy.training.optimizers import lay_out, optimizer
from understudy.training.schedules import Patience, schedule
from understudy.training.window import Window

Tensors = tuple[Tensor, ...] | list[Tensor]
LEAST_BETWEEN, MOST_BETWEEN = 100, 2000
"""Steps between validations where none are asked for: an epoch, unless too short to judge or too long to wait."""


@dataclass
class Progress:
    """Where training is.

    Attributes:
        step: training steps done.
        epoch: passes begun, from 1; 0 before the first.
        batch: batches of this epoch used.
        items: training items seen.
        seconds: training time, validation included, over all sittings.
        validated: step of the last validation.
        stopped: why training ended before its budget, or an empty text.
    """

    step: int = 0
    epoch: int = 0
    batch: int = 0
    items: int = 0
    seconds: float = 0.0
    validated: int = 0
    stopped: str = ""


@dataclass(frozen=True)
class Mover:
    """A player's parameters and their optimizer."""

    parameters: list[nn.Parameter]
    optimizer: Optimizer


class Session:
    """A network in training: parameters, optimizers, averages, randomness and position.

    Args:
        seed: seeds the batches' order; the caller seeds torch before building the network.

    Raises:
        OptionError: an option of the network that training could not heed.
    """

    def __init__(self, network: Network, data: Dataset, config: TrainingConfig, engine: Engine, seed: int) -> None:
        network.check_training()
        self.network = network.to(engine.device)
        self.config, self.engine, self.seed = config, engine, seed
        self.train_items = data.train.to(engine.device)
        self.validation_items = data.validation.to(engine.device)
        self.turns = list(network.turns())
        self.movers = {name: self._mover(player) for name, player in network.players().items()}
        self._factors = network.rates()
        self.ema = AveragedModel(network, multi_avg_fn=self._average, use_buffers=True) if config.ema else None
        self.progress, self.window = Progress(), Window()
        self.patience, self.plateau = Patience(), Patience()
        self.rate, self.rate_factor = config.learning_rate, 1.0
        self.best: dict[str, Tensor] = {}
        self.epoch_batches = batch_count(self.train_items, config.batch)
        self.batches_per_step = max(turn.times for turn in self.turns)
        self._schedule = schedule(config)

    def _mover(self, player: nn.Module) -> Mover:
        parameters = [parameter for parameter in player.parameters() if parameter.requires_grad]
        return Mover(parameters, optimizer(parameters, self.config, self.network.arithmetic))

    def _average(self, averages: Tensors, weights: Tensors, count: Tensor | int) -> None:
        """Move the averages towards the weights; at first by more, so that the untrained ones are soon forgotten."""
        step = self.progress.step
        decay = min(self.config.ema or 0.0, (1 + step) / (10 + step))  # as in TensorFlow's moving average
        get_ema_multi_avg_fn(decay)(averages, weights, count)

    @property
    def judged(self) -> nn.Module:
        """The network whose validation and scores count: the moving average where there is one."""
        return self.ema.module if self.ema else self.network

    @property
    def total_steps(self) -> int | None:
        """Steps in the budget; None when the budget is in minutes."""
        if self.config.minutes is not None:
            return None
        return self.config.steps or math.ceil((self.config.epochs or 0) * self.epoch_batches / self.batches_per_step)

    @property
    def done(self) -> float:
        """Share of the budget that is spent, in [0, 1]."""
        if self.config.minutes is not None:
            return min(1.0, self.progress.seconds / (60 * self.config.minutes))
        return min(1.0, self.progress.step / (self.total_steps or math.inf))

    @property
    def over(self) -> bool:
        """Whether the budget is spent or training was stopped before."""
        return self.done >= 1 or bool(self.progress.stopped)

    @property
    def learning_rate(self) -> float:
        """The rate of the next step."""
        return self.config.learning_rate * self.rate_factor * self._schedule(self.done)

    def set_learning_rate(self) -> None:
        """Give the next step's rate to every optimizer, in its player's own measure."""
        rate = self.rate = self.learning_rate
        for name, mover in self.movers.items():
            for group in mover.optimizer.param_groups:
                group["lr"] = rate * self._factors.get(name, 1.0)

    def stream(self) -> Generator[Batch]:
        """Batches without end, epoch after epoch, from where training is."""
        at = self.progress
        while True:
            if at.epoch == 0 or at.batch >= self.epoch_batches:
                at.epoch, at.batch = at.epoch + 1, 0
            for batch in batches(self.train_items, self.config.batch, seed=self.seed, epoch=at.epoch, start=at.batch):
                at.batch += 1
                at.items += len(batch)
                yield batch

    @property
    def validation_due(self) -> bool:
        """Whether it is time to look at the validation split."""
        longest = self.epoch_batches // self.batches_per_step
        every = self.config.validate_every or min(max(longest, LEAST_BETWEEN), MOST_BETWEEN)
        return self.over or self.progress.step - self.progress.validated >= every

    def keep_best(self) -> None:
        """Remember the judged weights as the best so far."""
        self.best = {name: tensor.detach().clone() for name, tensor in self.judged.state_dict().items()}

    def weights(self) -> dict[str, Tensor]:
        """The weights to judge and use: the best by validation where early stopping keeps them."""
        return self.best or dict(self.judged.state_dict())

    def state_dict(self) -> dict[str, Any]:
        """Everything, as a tree of tensors and JSON values."""
        device = self.engine.device
        return {
            "network": self.network.state_dict(),
            "ema": self.ema.state_dict() if self.ema else {},
            "best": self.best,
            "carried": self.network.carried(),
            "optimizers": {name: mover.optimizer.state_dict() for name, mover in self.movers.items()},
            "progress": asdict(self.progress),
            "patience": vars(self.patience),
            "plateau": vars(self.plateau),
            "rate_factor": self.rate_factor,
            "window": self.window.state_dict(),
            "random": {
                "cpu": torch.get_rng_state(),
                **({"cuda": torch.cuda.get_rng_state(device)} if device.type == "cuda" else {}),
            },
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from `state_dict`, to the bit on a CPU."""
        self.network.load_state_dict(state["network"])
        if self.ema:
            self.ema.load_state_dict(state["ema"])
        self.best = {name: tensor.to(self.engine.device) for name, tensor in state["best"].items()}
        self.network.carry({name: tensor.to(self.engine.device) for name, tensor in state.get("carried", {}).items()})
        for name, mover in self.movers.items():
            mover.optimizer.load_state_dict(state["optimizers"][name])
            lay_out(mover.optimizer)
        self.progress = Progress(**state["progress"])
        vars(self.patience).update(state["patience"])
        vars(self.plateau).update(state["plateau"])
        self.rate_factor = state["rate_factor"]
        self.window.load_state_dict(state["window"])
        torch.set_rng_state(state["random"]["cpu"])
        if "cuda" in state["random"] and self.engine.device.type == "cuda":
            torch.cuda.set_rng_state(state["random"]["cuda"], self.engine.device)
