"""Numbers in English words: "four hundred two thousand seventy-six" is 402076."""

import numpy as np

COUNT, BELOW = 40_000, 1_000_000
_SEED = 20_140_910
SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
).split()
TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()


def in_words(number: int) -> str:
    """A number from 0 to 999,999 in words, as an American says it.

    Example:
        >>> in_words(402_076)
        'four hundred two thousand seventy-six'
    """
    if number < 20:
        return SMALL[number]
    if number < 100:
        ten, one = divmod(number, 10)
        return TENS[ten - 2] + (f"-{SMALL[one]}" if one else "")
    size, name = (100, "hundred") if number < 1000 else (1000, "thousand")
    many, rest = divmod(number, size)
    return f"{in_words(many)} {name}" + (f" {in_words(rest)}" if rest else "")


def number_pairs() -> list[tuple[str, str]]:
    """Different numbers in words and in digits: small ones are not left out, for half are drawn by their length.

    The same on every machine: drawn with NumPy's `RandomState`, whose stream is promised for ever (NEP 19).
    """
    draw = np.random.RandomState(_SEED)
    lengths = 10 ** draw.uniform(0, 6, COUNT)
    drawn = np.concatenate([lengths - 1, draw.uniform(0, BELOW, COUNT)]).astype(np.int64)
    numbers = draw.permutation(np.unique(drawn))[:COUNT]
    return [(in_words(int(number)), str(number)) for number in numbers]
