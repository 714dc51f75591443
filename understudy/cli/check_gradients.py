"""`understudy check-gradients`."""

from pathlib import Path
from typing import Annotated

import typer

from understudy.cli.arguments import Seed

WRONG = 3  # as `doctor`: the request was right, what was looked at is not


def check_gradients(
    layer: Annotated[str, typer.Argument(metavar="PATH.PY:NAME", help="A class with a hand-written backward pass.")],
    input_shape: Annotated[
        list[str] | None,
        typer.Option(metavar="N,D", help="Check with standard normal input of this shape; once per input of forward."),
    ] = None,
    seed: Seed = 0,
) -> int:
    """Is a hand-written backward pass right; and if not, which mistake is it?

    understudy check-gradients layers.py:Dense --input-shape 4,5

    The class is built without arguments and has `params` (name to array), `forward(x)`, and `backward(dy)`, which
    returns dx and fills `grads` (the same names); or it is a torch.autograd.Function. Without --input-shape, its
    `example_input()` is used.

    Exit code: 0 right, 3 wrong, 2 it could not be checked.
    """
    import numpy as np

    from understudy.errors import OptionError
    from understudy.models import load_class
    from understudy.scratch.gradient_check.check import check_gradients as check

    path, separator, name = layer.rpartition(":")
    if not separator or not path.endswith(".py"):
        raise OptionError(f"'{layer}' is not PATH.PY:NAME, as in layers.py:Dense")
    generator = np.random.default_rng(seed)
    shapes = [_shape(text) for text in input_shape or []]
    result = check(load_class(Path(path), name), *map(generator.standard_normal, shapes), seed=seed)
    print(result)
    return 0 if result.ok else WRONG


def _shape(text: str) -> tuple[int, ...]:
    from understudy.errors import OptionError

    parts = text.replace("x", ",").split(",")
    if not all(part.strip().isdecimal() and int(part) > 0 for part in parts):
        raise OptionError(f"--input-shape '{text}' is not a shape like 4,5")
    return tuple(map(int, parts))
