"""What a score's name means: its label, unit, better direction and format. One line per metric.

A baseline's score is called `<baseline>_<metric>`: `pca_mse` is the `mse` of PCA.
"""

import math
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Literal

from understudy.report.numbers import format_duration, format_number, format_percent

Direction = Literal["low", "high", ""]


@dataclass(frozen=True)
class Metric:
    """One row of the table; `better` is empty where neither direction is better."""

    label: str
    unit: str = ""
    better: Direction = ""
    format: Callable[[float], str] = format_number

    @property
    def note(self) -> str:
        """Unit and direction in words, such as 'nats, lower is better'."""
        direction = {"low": "lower is better", "high": "higher is better", "": ""}[self.better]
        return ", ".join(part for part in (self.unit, direction) if part)


_TRANSFER: dict[str, Metric] = {  # each way between two domains
    "class_kept": Metric("Class kept", "as a classifier of the other domain reads it", "high", format_percent),
    "fid_lenet": Metric("Fréchet distance", "to the other domain, LeNet features", "low"),
    "cycle_mae": Metric("Error there and back", "per value", "low"),
}

METRICS: dict[str, Metric] = {
    "loss": Metric("Loss", "", "low"),
    "mse": Metric("Mean squared error", "per value", "low"),
    "squared_error_per_image": Metric("Squared error per item", "", "low"),
    "rmse": Metric("Root mean squared error", "", "low"),
    "mae": Metric("Mean absolute error", "", "low"),
    "ssim": Metric("Structural similarity", "SSIM", "high"),
    "noise_mse": Metric("Squared error of the noisy items", "per value"),
    "denoised_mse": Metric("Squared error after denoising", "per value", "low"),
    "denoising_gain_db": Metric("Denoising gain", "dB", "high"),
    "elbo": Metric("Evidence lower bound", "nats", "high"),
    "nll": Metric("Negative log-likelihood", "nats", "low"),
    "nll_samples": Metric("Importance samples"),
    "reconstruction": Metric("Reconstruction term", "nats", "low"),
    "kl": Metric("Divergence from the prior", "nats"),
    "active_units": Metric("Active units", "numbers of the code in use"),
    "code_size": Metric("Code size", "numbers"),
    "effective_rank": Metric("Effective rank of the codes", "directions"),
    "code_correlation": Metric("Correlation within a code", "mean absolute", "low"),
    "probe_accuracy": Metric("Probe accuracy", "linear classifier on the codes", "high", format_percent),
    "shift_sensitivity": Metric("Shift by a pixel moves the code", "of the distance between items", "low"),
    "code_activity": Metric("Activity of the code", "", "", format_percent),
    "asked_activity": Metric("Activity that was asked for", "", "", format_percent),
    "idle_units": Metric("Units that hardly ever act", "", "low", format_percent),
    "codebook_size": Metric("Words in the codebook"),
    "codebook_perplexity": Metric("Perplexity of the words", "", "high"),
    "dead_codes": Metric("Words that no held-out item uses", "", "low"),
    "bits_per_item": Metric("Bits of an item's code"),
    "asked_class": Metric("Made as asked", "share that a classifier takes for the asked class", "high", format_percent),
    "class_spread": Metric("Variety within a class", "of the real items'"),
    "anomaly_auroc": Metric("Anomalies told apart", "AUROC, 0.5 is chance", "high"),
    "accuracy": Metric("Accuracy", "", "high", format_percent),
    "class_nll": Metric("Cross-entropy of the class", "nats", "low"),
    "exact_match": Metric("Exact match", "", "high", format_percent),
    "generated": Metric("Items generated and scored"),
    "feature_dim": Metric("Dimensions of the feature space"),
    "fid_lenet": Metric("Fréchet distance", "LeNet features", "low"),
    "kid_lenet": Metric("Kernel distance", "LeNet features", "low"),
    "kid_lenet_spread": Metric("Kernel distance, deviation over subsets", "LeNet features"),
    "precision": Metric("Precision", "made ones among real ones", "high"),
    "recall": Metric("Recall", "real ones among made ones", "high"),
    "density": Metric("Density", "made ones near a real one, 1 is expected", "high"),
    "coverage": Metric("Coverage", "real ones near a made one, 0.97 is expected", "high"),
    "energy_distance": Metric("Energy distance", "of standardised rows", "low"),
    "modes": Metric("Modes reached", "", "high"),
    "high_quality": Metric("Near a mode", "share within three deviations", "high", format_percent),
    "mode_kl": Metric("Imbalance of the modes", "KL divergence, nats", "low"),
    "copied": Metric("Copies of training items", "2% is expected, more than 10% is copying", "", format_percent),
    "sharpness": Metric("Sharpness", "variance of the Laplacian"),
    "class_tv": Metric("Class imbalance", "total variation", "low"),
    "missing_classes": Metric("Missing classes", "", "low"),
    "judge_accuracy": Metric("Accuracy of the judge of classes", "on real items", "", format_percent),
    **{
        f"{name}_{way}": replace(metric, label=f"{metric.label}, {way[0].upper()} to {way[-1].upper()}")
        for name, metric in _TRANSFER.items()
        for way in ("a_to_b", "b_to_a")
    },
    "generated_training_accuracy": Metric("A classifier that learnt from samples", "accuracy", "high", format_percent),
    "generated_training_worst_class": Metric("The same, its worst class", "accuracy", "high", format_percent),
    "real_training_accuracy": Metric(
        "A classifier that learnt from as many real items", "accuracy", "", format_percent
    ),
    "real_training_worst_class": Metric("The same, its worst class", "accuracy", "", format_percent),
    "both_training_accuracy": Metric("A classifier that learnt from both", "accuracy", "", format_percent),
    "both_training_worst_class": Metric("The same, its worst class", "accuracy", "", format_percent),
    "nats_per_token": Metric("Cross-entropy", "nats per token", "low"),
    "bits_per_character": Metric("Cross-entropy", "bits per character", "low"),
    "perplexity": Metric("Perplexity", "", "low"),
    "scaled_mse": Metric("Squared error, scaled", "training part as 0 to 1", "low"),
    "backtest_mae": Metric("Absolute error at rolling origins", "before the held-out part, weights fixed", "low"),
    "coverage_80": Metric("Held by the 80% interval", "", "", format_percent),
    "coverage_90": Metric("Held by the 90% interval", "", "", format_percent),
    "mape": Metric("Percentage error", "MAPE", "low"),
    "smape": Metric("Symmetric percentage error", "sMAPE", "low"),
    "mase": Metric("Scaled absolute error", "MASE", "low"),
    "bleu": Metric("BLEU", "0 to 100", "high"),
    "chrf": Metric("chrF", "0 to 100", "high"),
    "train_seconds": Metric("Training time", "", "low", format_duration),
    "steps": Metric("Steps"),
}

FAMILIES: dict[str, Metric] = {  # patterns, for names that carry a number; the label comes from the name
    "*_gain_db": Metric("", "dB", "high"),
    "ndcg*": Metric("", "", "high"),
    "hit_rate*": Metric("", "", "high"),
    "feature_dim_*": Metric(""),
    "fid_*": Metric("", "", "low"),
    "kid_*_spread": Metric(""),
    "kid_*": Metric("", "", "low"),
    "precision_*": Metric("", "", "high"),
    "recall_*": Metric("", "", "high"),
    "density_*": Metric("", "", "high"),
    "coverage_*": Metric("", "", "high"),
    "*accuracy": Metric("", "", "high", format_percent),
    "*_seconds": Metric("", "", "low", format_duration),
}

BASELINES: dict[str, str] = {
    "pca": "PCA",
    "raw": "Raw values",
    "independent": "Independent values",
    "mean": "Mean",
    "item_mean": "Item mean",
    "user_mean": "User mean",
    "popularity": "Popularity",
    "naive": "Naive",
    "seasonal_naive": "Seasonal naive",
    "growth_naive": "Growth naive",
    "nominal": "Asked for",
    "unigram": "Unigram",
    "bigram": "Bigram",
    "majority": "Majority class",
    "memoryless": "Without a memory",
    "bag_of_words": "Bag of words",
    "copy": "Copy of the input",
    "identity": "Left as it is",
    "greedy": "Greedy",
    "nearest": "Most alike in training",
    "backprop": "Backprop",
    "real": "Real data",
    "random": "Random",
}


def metric(name: str) -> Metric:
    """The line of a metric; a name that is not in the table is its own label and has no better direction."""
    if name in METRICS:
        return METRICS[name]
    base, baseline = split_name(name)
    if baseline:
        return replace(METRICS[base], label=f"{METRICS[base].label}: {BASELINES[baseline]}")
    family = next((found for pattern, found in FAMILIES.items() if fnmatchcase(name, pattern)), Metric(""))
    label = name.replace("_", " ").strip()
    return Metric(label[:1].upper() + label[1:], family.unit, family.better, family.format)


def split_name(name: str, known: Container[str] = METRICS) -> tuple[str, str]:
    """A score's metric and baseline; the baseline is empty for the network's own score.

    Args:
        name: such as 'mse' or 'seasonal_naive_mae'.
        known: metric names; a prefix counts as a baseline only if the rest is one of them.
    """
    if name in METRICS:
        return name, ""
    for baseline in sorted(BASELINES, key=len, reverse=True):
        rest = name.removeprefix(f"{baseline}_")
        if rest != name and rest in known:
            return rest, baseline
    return name, ""


def best(name: str, values: Mapping[str, float]) -> set[str]:
    """The keys of the best values, ties included; none if there is nothing to choose from.

    Real data compete with nobody: they are the scale.
    """
    better = metric(name).better
    finite = {key: value for key, value in values.items() if math.isfinite(value) and key != "real"}
    if not better or len(finite) < 2:
        return set()
    goal = (min if better == "low" else max)(finite.values())
    return {key for key, value in finite.items() if value == goal}
