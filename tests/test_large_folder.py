"""A folder of pictures larger than the memory that the kernel allows: trained on, and scored, within it."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
from PIL import Image

CAP_MB = 600  # the workspace of a step takes about 200, that of scoring 400
SIDE, FILES, STEPS = 128, 30_000, 100  # 30,000 x 3 x 128 x 128 bytes are 1,400 MB decoded

TRAIN = """
import re, resource, sys
from pathlib import Path
import sklearn.decomposition, torch, torch.optim, torchmetrics.functional.image
import understudy as us

torch.set_num_threads(1)
used = int(re.search(r"VmData:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) * 1024
resource.setrlimit(resource.RLIMIT_DATA, (used + int(sys.argv[2]) * 2**20, resource.RLIM_INFINITY))
run = us.train("conv-autoencoder", data=sys.argv[1], out="run", quiet=True, steps=int(sys.argv[3]), batch=16,
               channels=(4, 4, 8), test_fraction=0.02)
print(run.status, run.record["step"], run.scores["mse"] < 1)
"""


def test_training_and_scoring_stay_within_the_limit(in_tmp: Path) -> None:
    (in_tmp / "photos").mkdir()
    for number in range(24):
        Image.fromarray(np.full((SIDE, SIDE, 3), 10 * number, np.uint8)).save(in_tmp / f"{number}.png")
    for number in range(FILES):
        os.link(in_tmp / f"{number % 24}.png", in_tmp / "photos" / f"{number:05}.png")
    command = [sys.executable, "-c", TRAIN, "photos", str(CAP_MB), str(STEPS)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=200)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.split() == ["finished", str(STEPS), "True"]
