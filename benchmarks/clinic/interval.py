"""How sure a share of so few is."""

from scipy.stats import beta


def clopper_pearson(hits: int, of: int, level: float = 0.95) -> tuple[float, float]:
    """The exact interval of a share.

    Reference:
        Clopper and Pearson, 1934, The Use of Confidence or Fiducial Limits Illustrated in the Case of the Binomial,
        Biometrika 26(4).

    Example:
        >>> low, high = clopper_pearson(0, 150)
        >>> round(low, 3), round(high, 3)
        (0.0, 0.024)
    """
    tail = (1 - level) / 2
    low = 0.0 if hits == 0 else float(beta.ppf(tail, hits, of - hits + 1))
    high = 1.0 if hits == of else float(beta.ppf(1 - tail, hits + 1, of - hits))
    return low, high
