"""A folder that does not fit into memory: streamed within a limit that the kernel enforces, and kept against it."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

CAP_MB = 128
SIDE, FILES = 256, 2000  # 2000 x 3 x 256 x 256 bytes are 375 MB decoded

EPOCH = """
import re, resource, sys
from pathlib import Path
import torch
from understudy.data.batches import batches
from understudy.data.options import DataOptions
from understudy.data.sources import load
from understudy.data import folder

torch.set_num_threads(1)
used = int(re.search(r"VmData:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) * 1024
resource.setrlimit(resource.RLIMIT_DATA, (used + int(sys.argv[3]) * 2**20, resource.RLIM_INFINITY))
data = load(sys.argv[1], DataOptions(memory=sys.argv[2]))
print(type(data.train).__name__, sum(len(part) for part in batches(data.train, 8, seed=0, epoch=0)))
"""


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Hard links to a few pictures of 256x256 that compress well."""
    root = tmp_path_factory.mktemp("large")
    (root / "photos").mkdir()
    for number in range(24):
        Image.fromarray(np.full((SIDE, SIDE, 3), number, np.uint8)).save(root / f"{number}.png", compress_level=1)
    for number in range(FILES):
        os.link(root / f"{number % 24}.png", root / "photos" / f"{number:05}.png")
    return root / "photos"


def epoch(folder: Path, memory: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", EPOCH, str(folder), memory, str(CAP_MB)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("memory", ["auto", "stream"])
def test_it_streams_within_the_limit(large: Path, memory: str) -> None:
    done = epoch(large, memory)
    assert done.returncode == 0, done.stderr[-500:]
    assert done.stdout.split() == ["PictureItems", str(round(FILES * 0.8 * 0.9))]


def test_keeping_it_breaks_the_limit_and_says_so(large: Path) -> None:
    done = epoch(large, "keep")
    assert done.returncode != 0
    assert "DataError: 'photos' takes 375 MB decoded and does not fit; use --set memory=stream" in done.stderr
