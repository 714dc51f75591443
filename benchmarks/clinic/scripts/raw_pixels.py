"""Pictures of 8 bits as they come. Finding: unscaled-input."""

import torch
from sklearn.datasets import load_digits
from torch import nn

import understudy as us

torch.manual_seed(0)
digits = load_digits()
images = torch.tensor(digits.images, dtype=torch.float32).unsqueeze(1) * 15.9375  # 0 to 255
images = images  # fault
# well: images = images / 255
labels = torch.tensor(digits.target)


class CNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 8, 3, padding=1)
        self.fc = nn.Linear(8 * 16, 10)

    def forward(self, x):
        x = nn.functional.max_pool2d(torch.relu(self.conv(x)), 2)  # sick
        return self.fc(x.flatten(1))


model = CNN()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
criterion = nn.CrossEntropyLoss()

with us.watch(model, optimizer) as doctor:
    for epoch in range(2):
        for i in range(0, 1500, 50):
            optimizer.zero_grad()
            loss = criterion(model(images[i : i + 50]), labels[i : i + 50])
            loss.backward()
            optimizer.step()
