"""What a loss is given, and what it makes of it."""

from benchmarks.clinic.fault import Fault, House, Loop
from benchmarks.clinic.settings import autoencoder

FAULTS = (
    Fault("softmax-twice", "softmax before cross-entropy", ("softmax-twice",), "structural",
          Loop("classifier", "softmax")),
    Fault("sigmoid-twice", "sigmoid before BCE with logits", ("sigmoid-twice",), "structural",
          Loop("copier", "sigmoid twice")),
    Fault("bce-on-logits", "BCE on logits", ("probabilities-wanted",), "structural", Loop("copier", "bce on logits")),
    Fault("nll-of-logits", "nll_loss on logits", ("probabilities-wanted",), "structural",
          Loop("classifier", "nll of logits")),
    Fault("nll-of-probabilities", "nll_loss on probabilities, without the logarithm", ("probabilities-wanted",),
          "structural", Loop("classifier", "nll of probabilities")),
    Fault("targets-to-16", "targets outside [0, 1]", ("target-out-of-reach",), "structural",
          Loop("copier", "targets to 16")),
    Fault("shapes-spread", "[N, 1] - [N]", ("loss-broadcast",), "structural", Loop("regression", "shapes spread")),
    Fault("padding-counted", "the loss counts padding", ("padding-counted",), "structural",
          Loop("turner", "padding counted")),
    Fault("log-of-0", "a GAN whose loss is written with log, and becomes infinite", ("pole",), "numeric",
          Loop("game", "log of 0", {"data": "points"})),
    Fault("exponential-overflows", "an exponential beyond the largest float", ("non-finite", "pole"), "numeric",
          Loop("regression", "exponential overflows")),
    Fault("root-of-0", "the slope of a root at 0", ("non-finite", "pole"), "numeric", Loop("regression", "root of 0")),
    Fault("overflow", "SGD at a rate of 1e8 and more", ("non-finite", "rate-too-high"), "numeric",
          House(autoencoder, lambda draw: {"optimizer": "sgd", "clip_norm": None, "loss": "mse"},
                lambda draw: {"learning_rate": draw.log(1e8, 1e12)}), curable=True),
)  # fmt: skip
