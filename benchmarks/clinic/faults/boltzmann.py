"""Contrastive divergence that goes the wrong way, or through its chain."""

from benchmarks.clinic.fault import Fault, Loop

ENERGY, BY_HAND = {"form": "energy"}, {"form": "by hand"}
LONG = {
    "persistent": True, "steps_of_chain": 1, "hidden": 100, "optimizer": "sgd", "rate": 0.1, "decay": 0.0,
    "drawn": False, "epochs": 60, "batch": 32,
}  # fmt: skip
"""Where it does harm: with more steps, or fewer of training, such a machine is merely worse than it could be."""
SIGN, CHAIN = ("divergence-sign",), ("chain-differentiated",)
FAULTS = (
    Fault("wrong-sign", "contrastive divergence with the wrong sign, as a difference of free energies", SIGN,
          "generative", Loop("boltzmann", "wrong sign", ENERGY)),
    Fault("wrong-sign-by-hand", "the same with gradients by hand", SIGN, "generative",
          Loop("boltzmann", "wrong sign", BY_HAND)),
    Fault("no-negative-phase", "the data's free energy alone: nothing is sampled", SIGN, "generative",
          Loop("boltzmann", "no negative phase")),
    Fault("persistent-without-sampling", "a persistent chain of probabilities, without sampling",
          ("chain-not-sampled",), "generative", Loop("boltzmann", "not sampled", LONG)),
    Fault("probabilities-not-detached", "probabilities in place of samples, with a gradient through them", CHAIN,
          "generative", Loop("boltzmann", "chain differentiated", ENERGY)),
)  # fmt: skip
