"""Numbers as people read them."""

import math


def format_number(value: float) -> str:
    """Four significant digits, thousands grouped; whole numbers in full."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "∞" if value > 0 else "−∞"
    if value == int(value) and abs(value) < 1e15:
        text = f"{int(value):,}"
    elif 1e-4 <= abs(value) < 1000:
        text = f"{value:#.4g}".removesuffix(".")
    else:
        text = f"{value:,.1f}" if 1000 <= abs(value) < 1e7 else f"{value:.3g}"
    return text.replace("-", "−") if text.startswith("-") else text


def format_duration(seconds: float) -> str:
    """Seconds as '8.3 s', '4 min 10 s', '2 h 5 min'."""
    if not math.isfinite(seconds):
        return format_number(seconds)
    if seconds < 59.95:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours:,} h {minutes} min" if minutes else f"{hours:,} h"


def format_percent(fraction: float) -> str:
    """A fraction as '97.25 %'."""
    return f"{100 * fraction:.2f} %" if math.isfinite(fraction) else format_number(fraction)
