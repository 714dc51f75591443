"""What a run's files say before its first step: what was asked for, of which data, on which machine."""

import platform
import shlex
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch

from understudy import models
from understudy.data.dataset import Dataset
from understudy.data.heeded import goes_with
from understudy.data.spec import spec_to_json
from understudy.models.network import Network
from understudy.runs.runfile import RunFile
from understudy.settings import as_dict
from understudy.training.session import Session


def opening(file: RunFile, dataset: Dataset, session: Session) -> dict[str, Any]:
    """run.json before the first step."""
    network, engine = session.network, session.engine
    config = file.to_json()
    config["model"] = as_dict(network.config)
    # What means nothing to this data is left out: its default may be another one when the run is looked at again.
    config["data"] = {key: value for key, value in config["data"].items() if goes_with(key, dataset.spec.kind)}
    return {
        "status": "running",
        "network": file.network,
        "summary": models.entry(file.network).summary,
        "command": shlex.join(["understudy", *sys.argv[1:]]) if Path(sys.argv[0]).stem == "understudy" else None,
        "config": config,
        "data": {
            "name": dataset.name,
            "fingerprint": dataset.fingerprint,
            "spec": spec_to_json(dataset.spec),
            "items": dataset.spec.describe(),
            "sizes": dataset.sizes,
        },
        "parameters": sum(parameter.numel() for parameter in network.parameters()),
        "device": str(engine.device),
        "precision": engine.precision,
        "threads": torch.get_num_threads(),
        "versions": {
            "understudy": version("understudy"),
            "python": platform.python_version(),
            "torch": torch.__version__,
            "system": platform.platform(),
        },
        "started": now(),
        "ended": None,
        "reason": None,
        "step": 0,
        "epoch": 0,
    }


def loading(name: str, network: Network) -> dict[str, Any]:
    """model.json: enough to build the network for its weights."""
    return {"network": name, "options": as_dict(network.config), "spec": spec_to_json(network.spec)}


def now() -> str:
    """The time, for a record."""
    return datetime.now(UTC).isoformat(timespec="seconds")
