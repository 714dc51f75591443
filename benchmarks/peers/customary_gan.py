"""The customary PyTorch loop for a GAN, as tutorials and collections have it, over nets that it is handed.

    python customary_gan.py IMAGES.npy NETWORK OPTIONS STEPS BATCH OUT.safetensors SEED

Prints one JSON line: steps, seconds, images. A DataLoader that turns each picture from PIL into a tensor and
normalises it, fp32, unfused Adam (0.0002, 0.5), fakes made anew for each player, the whole backward pass through both
players, `.item()` at every step. The nets are Understudy's own, but in PyTorch's layout, so that
only the loop differs.
"""

import json
import sys
import time
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from safetensors.torch import save_model
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

from understudy import models
from understudy.data.spec import ImageSpec
from understudy.layers.layout import Features, Places
from understudy.models.adversarial import Adversarial

RATE, BETAS = 2e-4, (0.5, 0.999)


class Pictures(Dataset[Tensor]):
    """Pictures that are transformed one by one, as torchvision's transforms do it."""

    def __init__(self, images: np.ndarray) -> None:
        self.images = images  # (count, height, width), 8 bits

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> Tensor:
        picture = Image.fromarray(self.images[index])
        tensor = torch.from_numpy(np.array(picture, copy=True)).unsqueeze(0).float().div(255)  # ToTensor
        return tensor.sub(0.5).div(0.5)  # Normalize


def laid_out_by_default(network: nn.Module) -> None:
    """Undo our own layout of pictures in memory."""
    network.to(memory_format=torch.contiguous_format)  # type: ignore[call-overload]
    for module in network.modules():
        if isinstance(module, Features | Places):
            module.layout = torch.contiguous_format


def main() -> None:
    images = np.load(sys.argv[1])
    name, options, steps, batch = sys.argv[2], json.loads(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5])
    torch.manual_seed(int(sys.argv[7]))
    network = models.build(name, options, ImageSpec(1, *images.shape[1:]))
    assert isinstance(network, Adversarial)
    laid_out_by_default(network)
    noise_dim = network.config.noise_dim
    generator, discriminator, criterion = network.generator, network.discriminator, nn.BCEWithLogitsLoss()
    player_g = torch.optim.Adam(generator.parameters(), RATE, BETAS, foreach=False)
    player_d = torch.optim.Adam(discriminator.parameters(), RATE, BETAS, foreach=False)
    loader = DataLoader(Pictures(images), batch, shuffle=True, drop_last=True)
    done, shown, begin = 0, "", time.perf_counter()
    while done < steps:
        for real in loader:
            valid, invalid = torch.ones(len(real), 1), torch.zeros(len(real), 1)
            player_d.zero_grad()
            loss_real = criterion(discriminator(real), valid)
            fakes = torch.tanh(generator(torch.randn(len(real), noise_dim)))
            loss_fake = criterion(discriminator(fakes.detach()), invalid)
            loss_d = loss_real + loss_fake
            loss_d.backward()
            player_d.step()
            player_g.zero_grad()
            fakes = torch.tanh(generator(torch.randn(len(real), noise_dim)))
            loss_g = criterion(discriminator(fakes), valid)
            loss_g.backward()
            player_g.step()
            shown = f"[{done}] D {loss_d.item():.4f} G {loss_g.item():.4f}"
            done += 1
            if done == steps:
                break
    seconds = time.perf_counter() - begin
    save_model(network, str(Path(sys.argv[6])))
    print(shown, file=sys.stderr)
    print(json.dumps({"steps": done, "seconds": seconds, "images": done * batch}))


if __name__ == "__main__":
    main()
