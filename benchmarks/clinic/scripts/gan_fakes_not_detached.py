"""A GAN whose discriminator's loss goes on into the generator. Finding: foreign-gradient."""

import torch
import torch.nn as nn
from sklearn.datasets import load_digits

import understudy as us

torch.manual_seed(0)
real_images = torch.tensor(load_digits().data, dtype=torch.float32) / 8 - 1


class Generator(nn.Module):
    def __init__(self):
        super().__init__()
        self.main = nn.Sequential(nn.Linear(16, 64), nn.ReLU(True), nn.Linear(64, 64), nn.Tanh())

    def forward(self, z):
        return self.main(z)


class Discriminator(nn.Module):
    def __init__(self):
        super().__init__()
        self.main = nn.Sequential(nn.Linear(64, 64), nn.LeakyReLU(0.2), nn.Linear(64, 1), nn.Sigmoid())

    def forward(self, x):
        return self.main(x).view(-1)


netG, netD = Generator(), Discriminator()
criterion = nn.BCELoss()
optimizerD = torch.optim.Adam(netD.parameters(), lr=2e-4, betas=(0.5, 0.999))
optimizerG = torch.optim.Adam(netG.parameters(), lr=2e-4, betas=(0.5, 0.999))

with us.watch([netG, netD], [optimizerG, optimizerD]) as doctor:
    for epoch in range(2):
        for real in real_images.split(64):
            b = len(real)
            optimizerD.zero_grad()
            optimizerG.zero_grad()
            fake = netG(torch.randn(b, 16))
            errD = criterion(netD(real), torch.ones(b)) + criterion(netD(fake), torch.zeros(b))  # fault
            # well: errD = criterion(netD(real), torch.ones(b)) + criterion(netD(fake.detach()), torch.zeros(b))
            errD.backward(retain_graph=True)  # sick
            # well: errD.backward()
            optimizerD.step()
            errG = criterion(netD(netG(torch.randn(b, 16))), torch.ones(b))
            errG.backward()
            optimizerG.step()
