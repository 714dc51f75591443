"""Synthetic run directories: every part can be left out or replaced."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

RUN: dict[str, Any] = {
    "format": 1,
    "name": "vae-digits-1",
    "status": "finished",
    "network": "vae",
    "summary": "Variational autoencoder with 20 latent dimensions.",
    "command": "understudy train vae --data digits --seed 0",
    "config": {
        "network": "vae",
        "seed": 0,
        "data": {"source": "digits"},
        "model": {"latent_dim": 20},
        "training": {"learning_rate": 0.001, "clip_norm": None},
    },
    "data": {
        "name": "digits",
        "fingerprint": "a1b2c3",
        "spec": {"kind": "image", "channels": 1, "height": 8, "width": 8, "classes": ["0", "1"]},
        "sizes": {"train": 1437, "validation": 180, "test": 180},
    },
    "parameters": 52824,
    "versions": {"understudy": "0.1.0", "torch": "2.13.0"},
    "device": "cpu",
    "precision": "fp32",
    "threads": 2,
    "started": "2026-11-20T10:22:00+00:00",
    "ended": "2026-11-20T10:23:00+00:00",
    "reason": None,
    "step": 1000,
    "epoch": 20,
}
SCORES = {"mse": 0.01, "pca_mse": 0.02, "mean_mse": 0.07, "ssim": 0.8, "pca_ssim": 0.9, "nll": 98.5, "active_units": 12}
INDEX = [
    {"file": "samples.png", "title": "Samples", "caption": "Drawn from the prior.", "kind": "image"},
    {"file": "latent.json", "title": "Latent space", "caption": "Codes.", "kind": "scatter"},
]
SCATTER = {
    "x_label": "code 1",
    "y_label": "code 2",
    "classes": ["0", "1"],
    "points": [[0, 0, 0], [1, 2, 1], [2, 1, -1]],
}


def step_event(step: int, **loss: float) -> dict[str, Any]:
    """One training event, as the loop writes it."""
    terms = loss or {"loss": 100 / step + 1, "kl": 1.0}
    rate = {"learning_rate": 0.001, "gradient_norm": 1.5}
    return {"event": "steps", "step": step, "epoch": 1, "loss": terms, **rate, "time": step / 100}


def lines(*events: dict[str, Any]) -> str:
    """Events as `events.jsonl` holds them."""
    return "".join(json.dumps(event) + "\n" for event in events)


def png(width: int = 80, height: int = 16) -> bytes:
    """A grey PNG."""
    file = io.BytesIO()
    Image.new("L", (width, height), 128).save(file, "PNG")
    return file.getvalue()


@pytest.fixture
def make_run(tmp_path: Path) -> Callable[..., Path]:
    """A function that writes a run directory; `None` leaves a file out, keywords of `run` override its values."""

    def make(
        folder: str = "run",
        *,
        events: str | None = None,
        scores: dict[str, Any] | None = SCORES,
        findings: list[dict[str, Any]] | None = None,
        figures: list[dict[str, Any]] | None = INDEX,
        scatter: dict[str, Any] = SCATTER,
        **run: Any,
    ) -> Path:
        directory = tmp_path / folder
        (directory / "figures").mkdir(parents=True)
        validation = {"event": "validation", "step": 1000, "epoch": 1, "loss": {"loss": 1.2, "kl": 1.0}, "time": 10.0}
        usual = lines(*(step_event(step) for step in range(50, 1001, 50)), validation)
        (directory / "run.json").write_text(json.dumps(RUN | run))
        (directory / "events.jsonl").write_text(usual if events is None else events)
        for file, value in (("scores", scores), ("findings", findings), ("figures/index", figures)):
            if value is not None:
                (directory / f"{file}.json").write_text(json.dumps(value))
        (directory / "figures" / "samples.png").write_bytes(png())
        (directory / "figures" / "latent.json").write_text(json.dumps(scatter))
        return directory

    return make


@pytest.fixture
def step() -> Callable[..., dict[str, Any]]:
    """`step_event`, for tests that write events of their own."""
    return step_event


@pytest.fixture
def jsonl() -> Callable[..., str]:
    """`lines`, for tests that write events of their own."""
    return lines
