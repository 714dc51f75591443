"""The table of rules: a file (or small group) and a line each. `understudy explain` and the pages derive from it."""

from __future__ import annotations

import importlib
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from understudy.doctor.rule import Rule

TABLE: dict[str, str] = {
    "non-finite": "non_finite:RULE",
    "constant-input": "constant_input:RULE",
    "weights-too-small": "initialisation:TOO_SMALL",
    "weights-too-large": "initialisation:TOO_LARGE",
    "rate-too-high": "rate:TOO_HIGH",
    "rate-too-low": "rate:TOO_LOW",
    "dead-units": "dead_units:RULE",
    "saturated-units": "saturated_units:RULE",
    "vanishing": "vanishing:RULE",
    "exploding": "exploding:RULE",
    "memory-vanishes": "memory:MEMORY_VANISHES",
    "memory-explodes": "memory:MEMORY_EXPLODES",
    "no-skill": "no_skill:RULE",
    "shuffled-labels": "shuffled_labels:RULE",
    "overfitting": "overfitting:RULE",
    "weights-blow-up": "blow_up:RULE",
    "mean-reconstruction": "posterior:MEAN_RECONSTRUCTION",
    "posterior-collapse": "posterior:COLLAPSE",
    "ignored-code": "posterior:IGNORED",
    "dead-codes": "dead_codes:RULE",
    "unbounded-critic": "critic:UNBOUNDED_CRITIC",
    "penalty-not-applied": "critic:PENALTY_NOT_APPLIED",
    "discriminator-dominates": "adversarial:DISCRIMINATOR_DOMINATES",
    "discriminator-lags": "adversarial:DISCRIMINATOR_LAGS",
    "discriminator-stuck": "adversarial:DISCRIMINATOR_STUCK",
    "mode-collapse": "collapse:RULE",
    "pole": "poles:POLE",
    "non-finite-input": "poles:NON_FINITE_INPUT",
    "symmetric-units": "symmetric_units:RULE",
    "missing-parameters": "reached:MISSING_PARAMETERS",
    "idle-parameters": "reached:IDLE_PARAMETERS",
    "shared-parameters": "reached:SHARED_PARAMETERS",
    "detached": "reached:DETACHED",
    "idle-optimizer": "whose_gradient:IDLE_OPTIMIZER",
    "no-zero-grad": "whose_gradient:NO_ZERO_GRAD",
    "lost-gradient": "whose_gradient:LOST_GRADIENT",
    "foreign-gradient": "whose_gradient:FOREIGN_GRADIENT",
    "stale-graph": "whose_gradient:STALE_GRAPH",
    "softmax-twice": "loss_inputs:SOFTMAX_TWICE",
    "sigmoid-twice": "loss_inputs:SIGMOID_TWICE",
    "probabilities-wanted": "loss_inputs:PROBABILITIES_WANTED",
    "target-out-of-reach": "loss_inputs:TARGET_OUT_OF_REACH",
    "loss-broadcast": "loss_inputs:LOSS_BROADCAST",
    "padding-counted": "loss_inputs:PADDING_COUNTED",
    "wrong-backward": "wrong_backward:RULE",
    "padding-matters": "dependence:PADDING_MATTERS",
    "items-mix": "dependence:ITEMS_MIX",
    "future-leaks": "dependence:FUTURE_LEAKS",
    "target-is-input": "dependence:TARGET_IS_INPUT",
    "state-carried": "dependence:STATE_CARRIED",
    "judged-in-training": "modes:JUDGED_IN_TRAINING",
    "trained-in-evaluation": "modes:TRAINED_IN_EVALUATION",
    "unscaled-input": "scale:UNSCALED_INPUT",
    "initial-loss": "scale:INITIAL_LOSS",
    "shared-items": "splits:SHARED_ITEMS",
    "missing-class": "splits:MISSING_CLASS",
    "biased-split": "splits:BIASED_SPLIT",
    "divergence-sign": "boltzmann:DIVERGENCE_SIGN",
    "chain-differentiated": "boltzmann:CHAIN_DIFFERENTIATED",
    "chain-not-sampled": "boltzmann:CHAIN_NOT_SAMPLED",
    "one-batch": "one_batch:RULE",
}
"""A rule's id and `module:NAME`, the module in this package."""


@cache
def load() -> tuple[Rule, ...]:
    """All rules, in the table's order."""
    return tuple(one(id_) for id_ in TABLE)


def one(id_: str) -> Rule:
    """A rule by its id.

    Raises:
        UnknownName: there is none.
    """
    from understudy.errors import UnknownName

    if id_ not in TABLE:
        raise UnknownName("finding", id_, TABLE)
    module, _, name = TABLE[id_].partition(":")
    rule: Rule = getattr(importlib.import_module(f"understudy.doctor.rules.{module}"), name)
    return rule
