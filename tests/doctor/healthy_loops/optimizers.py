"""Loops whose steps are not the customary ones: who moves, when, and from which gradients."""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

import understudy as us
from healthy_loops.parts import STEPS, adam, classes, healthy, mlp


@healthy
def head_on_a_trained_and_frozen_body() -> Any:
    body, head = mlp(8, 16, 16), nn.Linear(16, 3)
    body.requires_grad_(False)
    optimizer = adam(head, lr=1e-2)
    with us.watch(nn.Sequential(body, nn.ReLU(), head), optimizer) as doctor:
        for _ in range(STEPS):
            x, y = classes()
            loss = F.cross_entropy(head(F.relu(body(x))), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return doctor


@healthy
def low_rank_adapter_that_begins_at_nothing() -> Any:
    class Adapted(nn.Module):
        def __init__(self, inner: nn.Linear) -> None:
            super().__init__()
            self.inner = inner.requires_grad_(False)
            self.down, self.up = nn.Linear(8, 4, bias=False), nn.Linear(4, 16, bias=False)
            nn.init.zeros_(self.up.weight)

        def forward(self, x: Tensor) -> Tensor:
            return self.inner(x) + self.up(self.down(x))

    model = nn.Sequential(Adapted(nn.Linear(8, 16)), nn.ReLU(), nn.Linear(16, 3))
    optimizer = adam(model)
    with us.watch(model, optimizer) as doctor:
        for _ in range(STEPS):
            x, y = classes()
            optimizer.zero_grad()
            F.cross_entropy(model(x), y).backward()
            optimizer.step()
    return doctor


@healthy
def residual_blocks_that_begin_as_the_identity() -> Any:
    class Block(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv1, self.norm1 = nn.Conv2d(4, 4, 3, padding=1, bias=False), nn.BatchNorm2d(4)
            self.conv2, self.norm2 = nn.Conv2d(4, 4, 3, padding=1, bias=False), nn.BatchNorm2d(4)
            nn.init.zeros_(self.norm2.weight)

        def forward(self, x: Tensor) -> Tensor:
            return F.relu(x + self.norm2(self.conv2(F.relu(self.norm1(self.conv1(x))))))

    last = nn.Linear(4, 5)
    nn.init.zeros_(last.weight)
    model = nn.Sequential(nn.Conv2d(1, 4, 3), Block(), Block(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), last)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9, nesterov=True)
    with us.watch(model, optimizer) as doctor:
        for _ in range(STEPS):
            x, y = torch.randn(16, 1, 8, 8), torch.randint(5, (16,))
            optimizer.zero_grad()
            F.cross_entropy(model(x), y, label_smoothing=0.1).backward()
            optimizer.step()
    return doctor


@healthy
def gradients_of_four_batches_for_a_step() -> Any:
    model = mlp(8, 32, 3)
    optimizer = adam(model)
    with us.watch(model, optimizer) as doctor:
        for step in range(4 * STEPS):
            x, y = classes(16)
            (F.cross_entropy(model(x), y) / 4).backward()
            if step % 4 == 3:
                nn.utils.clip_grad_norm_(model.parameters(), 1.0)
                optimizer.step()
                optimizer.zero_grad()
    return doctor


@healthy
def half_precision_by_autocast_and_a_scaler() -> Any:
    model = mlp(8, 32, 3)
    optimizer = adam(model)
    scaler = torch.amp.GradScaler("cpu")
    with us.watch(model, optimizer) as doctor:
        for _ in range(STEPS):
            x, y = classes()
            optimizer.zero_grad(set_to_none=True)
            with torch.autocast("cpu", torch.bfloat16):
                loss = F.cross_entropy(model(x), y)
            scaler.scale(loss).backward()
            scaler.step(optimizer)
            scaler.update()
    return doctor


@healthy
def newton_like_steps_by_a_closure() -> Any:
    model = mlp(2, 8, 1)
    optimizer = torch.optim.LBFGS(model.parameters(), lr=0.5, max_iter=4)
    x = torch.randn(40, 2)
    y = x.prod(1, keepdim=True)

    def closure() -> Tensor:
        optimizer.zero_grad()
        loss = F.mse_loss(model(x), y)
        loss.backward()
        return loss

    with us.watch(model, optimizer) as doctor:
        for _ in range(STEPS):
            optimizer.step(closure)
    return doctor


@healthy
def sharpness_aware_steps() -> Any:
    model = mlp(8, 32, 3)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
    with us.watch(model, optimizer) as doctor:
        for _ in range(STEPS):
            x, y = classes()
            F.cross_entropy(model(x), y).backward()
            with torch.no_grad():
                moves = [0.05 * p.grad / p.grad.norm().clamp_min(1e-9) for p in model.parameters()]
                torch._foreach_add_(list(model.parameters()), moves)
            optimizer.zero_grad()
            F.cross_entropy(model(x), y).backward()
            with torch.no_grad():
                torch._foreach_sub_(list(model.parameters()), moves)
            optimizer.step()
            optimizer.zero_grad()
    return doctor


@healthy
def heads_that_take_turns_and_one_that_is_never_used() -> Any:
    class Heads(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.body, self.a, self.b, self.pooler = mlp(8, 32), nn.Linear(32, 3), nn.Linear(32, 1), nn.Linear(32, 32)

        def forward(self, x: Tensor, head: str) -> Tensor:
            h = F.relu(self.body(x))
            self.pooled = torch.tanh(self.pooler(h))  # as BERT has it, whoever asks for it
            return self.a(h) if head == "a" else self.b(h)[:, 0]

    model = Heads()
    optimizer = adam(model)
    with us.watch(model, optimizer) as doctor:
        for step in range(STEPS):
            x, y = classes()
            optimizer.zero_grad()
            if step % 2:
                F.cross_entropy(model(x, "a"), y).backward()
            else:
                F.mse_loss(model(x, "b"), x.sum(1)).backward()
            optimizer.step()
    return doctor


@healthy
def learning_to_learn() -> Any:
    model = mlp(1, 24, 1)
    optimizer = adam(model)
    with us.watch(model, optimizer) as doctor:
        for _ in range(STEPS):
            total = torch.zeros(())
            for _ in range(3):
                phase, x = torch.rand(1), torch.randn(20, 1)
                y = torch.sin(x + phase)
                weights = dict(model.named_parameters())
                inner = F.mse_loss(torch.func.functional_call(model, weights, (x[:10],)), y[:10])
                slopes = torch.autograd.grad(inner, list(weights.values()), create_graph=True)
                moved = {name: w - 0.1 * g for (name, w), g in zip(weights.items(), slopes, strict=True)}
                total = total + F.mse_loss(torch.func.functional_call(model, moved, (x[10:],)), y[10:])
            optimizer.zero_grad()
            total.backward()
            optimizer.step()
    return doctor


@healthy
def sparse_gradients() -> Any:
    embedding, head = nn.Embedding(50, 8, sparse=True), nn.Linear(8, 50)
    optimizers = [torch.optim.SparseAdam(embedding.parameters(), lr=1e-2), adam(head)]
    with us.watch([embedding, head], optimizers) as doctor:
        for _ in range(STEPS):
            pairs = torch.randint(50, (64, 2))
            for optimizer in optimizers:
                optimizer.zero_grad()
            F.cross_entropy(head(embedding(pairs[:, 0])), pairs[:, 1]).backward()
            for optimizer in optimizers:
                optimizer.step()
    return doctor


@healthy
def parts_that_are_computed_again() -> Any:
    model = mlp(8, 32, 32, 3)
    optimizer = adam(model)
    with us.watch(model, optimizer) as doctor:
        for step in range(STEPS):
            x, y = classes()
            x.requires_grad_(True)
            h = torch.utils.checkpoint.checkpoint(model[:3], x, use_reentrant=step % 2 == 0)
            optimizer.zero_grad()
            F.cross_entropy(model[3:](h), y).backward()
            optimizer.step()
    return doctor


@healthy
def one_item_at_a_time() -> Any:
    model = mlp(4, 8, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    with us.watch(model, optimizer) as doctor:
        for _ in range(STEPS):
            x = torch.randn(4)
            loss = (model(x) - x.sum()) ** 2
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return doctor


@healthy
def weights_moved_by_hand_beside_the_optimizer() -> Any:
    model = mlp(8, 64, 3)
    optimizer = adam(model[2])
    with us.watch(model, optimizer) as doctor:
        for _ in range(STEPS):
            x, y = classes()
            model.zero_grad()
            F.cross_entropy(model(x), y).backward()
            optimizer.step()
            for p in model[0].parameters():
                p.data -= 0.05 * p.grad
    return doctor


@healthy
def stages_with_an_optimizer_each() -> Any:
    model = mlp(8, 32, 3)
    first = adam(model)
    with us.watch(model, first) as doctor:
        for optimizer in (first, torch.optim.SGD(model.parameters(), lr=0.01)):
            for _ in range(STEPS):
                x, y = classes()
                optimizer.zero_grad()
                F.cross_entropy(model(x), y).backward()
                optimizer.step()
    return doctor
