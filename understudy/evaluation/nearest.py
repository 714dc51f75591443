"""The translation that needs no network: that of the training sentence which is most alike."""

from collections.abc import Sequence

import numpy as np

AT_ONCE = 500


def nearest(known: tuple[Sequence[str], Sequence[str]], asked: Sequence[str]) -> list[str]:
    """The target of the known source that is nearest to each asked one, by the cosine of their TF-IDF vectors.

    A sentence's vector counts its words, their weight the greater the fewer known sources have them.

    Args:
        known: sources and targets.
        asked: sources.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer

    sources, targets = known
    weights = TfidfVectorizer(token_pattern=r"\w+|[^\w\s]", dtype=np.float32)
    matrix = weights.fit_transform(sources).T.tocsr()
    rows = weights.transform(asked)
    found: list[str] = []
    for first in range(0, len(asked), AT_ONCE):  # the products of all with all may not fit into memory
        likeness = rows[first : first + AT_ONCE] @ matrix
        found += [targets[place] for place in np.asarray(likeness.argmax(1)).ravel()]
    return found
