"""`understudy models`."""

from understudy.models import TABLE


def models() -> None:
    """List the networks."""
    width = max(map(len, TABLE))
    for name, line in TABLE.items():
        print(f"{name:{width}}  {line.summary}")
