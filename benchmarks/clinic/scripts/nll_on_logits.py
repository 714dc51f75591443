"""NLLLoss on logits, without log-softmax. Finding: probabilities-wanted."""

import torch
import torch.nn.functional as F
from sklearn.datasets import load_iris

import understudy as us

torch.manual_seed(0)
iris = load_iris()
inputs = torch.tensor((iris.data - iris.data.mean(0)) / iris.data.std(0), dtype=torch.float32)
classes = torch.tensor(iris.target)

model = torch.nn.Sequential(torch.nn.Linear(4, 20), torch.nn.ReLU(), torch.nn.Linear(20, 3))
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)

with us.watch(model, optimizer) as doctor:
    for epoch in range(40):
        logits = model(inputs)
        loss = F.nll_loss(logits, classes)  # sick
        # well: loss = F.nll_loss(F.log_softmax(logits, dim=-1), classes)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
