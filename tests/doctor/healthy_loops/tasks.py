"""Loops of other tasks: decisions, comparisons, graphs, equations, labels of several kinds."""

import copy
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

import understudy as us
from healthy_loops.parts import STEPS, adam, classes, healthy, mlp


@healthy
def byol_with_a_moving_target() -> Any:
    online, predictor = nn.Sequential(nn.Linear(8, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Linear(16, 8)), mlp(8, 8, 8)
    target = copy.deepcopy(online)
    optimizer = adam(online, predictor)
    with us.watch({"online": online, "predictor": predictor, "target": target}, optimizer) as doctor:
        for _ in range(STEPS):
            x = torch.randn(32, 8)
            one, two = x + 0.1 * torch.randn_like(x), x + 0.1 * torch.randn_like(x)
            with torch.no_grad():
                goal = target(two)
            loss = 2 - 2 * F.cosine_similarity(predictor(online(one)), goal).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            with torch.no_grad():
                for p, q in zip(target.parameters(), online.parameters(), strict=True):
                    p.lerp_(q, 0.01)
    return doctor


@healthy
def q_learning_with_a_target_network() -> Any:
    q, target = mlp(4, 32, 2), mlp(4, 32, 2)
    target.load_state_dict(q.state_dict())
    optimizer = torch.optim.RMSprop(q.parameters(), lr=1e-3)
    with us.watch([q, target], optimizer) as doctor:
        for step in range(STEPS):
            s, a, r, after = torch.randn(32, 4), torch.randint(2, (32, 1)), torch.randn(32), torch.randn(32, 4)
            with torch.no_grad():
                goal = r + 0.99 * target(after).max(1).values
            loss = F.smooth_l1_loss(q(s).gather(1, a).squeeze(1), goal)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            if step % 8 == 0:
                target.load_state_dict(q.state_dict())
    return doctor


@healthy
def actor_and_critic_with_a_temperature() -> Any:
    actor, critic = mlp(4, 32, 4), mlp(6, 32, 1)
    log_alpha = torch.zeros(1, requires_grad=True)
    opt_actor, opt_critic, opt_alpha = adam(actor), adam(critic), torch.optim.Adam([log_alpha], lr=1e-3)
    with us.watch([actor, critic], [opt_actor, opt_critic, opt_alpha]) as doctor:
        for _ in range(STEPS):
            s, a, r = torch.randn(32, 4), torch.randn(32, 2), torch.randn(32, 1)
            loss = F.mse_loss(critic(torch.cat([s, a], 1)), r)
            opt_critic.zero_grad()
            loss.backward()
            opt_critic.step()
            mean, log_std = actor(s).chunk(2, 1)
            policy = torch.distributions.Normal(mean, log_std.clamp(-5, 2).exp())
            action = policy.rsample()
            log_prob = policy.log_prob(action).sum(1)
            loss = (log_alpha.exp().detach() * log_prob - critic(torch.cat([s, action], 1))[:, 0]).mean()
            opt_actor.zero_grad()
            loss.backward()
            opt_actor.step()
            opt_alpha.zero_grad()
            (-(log_alpha * (log_prob.detach() + 2)).mean()).backward()
            opt_alpha.step()
    return doctor


@healthy
def policy_gradient_one_state_at_a_time() -> Any:
    policy = mlp(4, 16, 2)
    optimizer = adam(policy, lr=1e-2)
    with us.watch(policy, optimizer) as doctor:
        for _ in range(STEPS):
            logs = []
            for _ in range(6):
                choice = torch.distributions.Categorical(logits=policy(torch.randn(1, 4)))
                logs.append(choice.log_prob(choice.sample()))
            returns = torch.randn(6)
            loss = -(torch.cat(logs) * (returns - returns.mean()) / (returns.std() + 1e-8)).sum()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return doctor


@healthy
def differential_equation() -> Any:
    model = nn.Sequential(nn.Linear(1, 24), nn.Tanh(), nn.Linear(24, 24), nn.Tanh(), nn.Linear(24, 1))
    optimizer = adam(model)
    with us.watch(model, optimizer) as doctor:
        for _ in range(STEPS):
            x = torch.rand(40, 1, requires_grad=True)
            y = model(x)
            slope = torch.autograd.grad(y.sum(), x, create_graph=True)[0]
            optimizer.zero_grad()
            ((slope + y).square().mean() + (model(torch.zeros(1, 1)) - 1).square().mean()).backward()
            optimizer.step()
    return doctor


@healthy
def distillation() -> Any:
    teacher, student = mlp(8, 64, 3), nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Dropout(0.1), nn.Linear(16, 3))
    teacher.eval()
    optimizer = adam(student)
    with us.watch([student, teacher], optimizer) as doctor:
        for _ in range(STEPS):
            x, y = classes()
            with torch.no_grad():
                soft = F.softmax(teacher(x) / 4, 1)
            logits = student(x)
            loss = F.kl_div(F.log_softmax(logits / 4, 1), soft, reduction="batchmean") * 16 + F.cross_entropy(logits, y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return doctor


@healthy
def contrast_within_a_batch() -> Any:
    model = mlp(8, 32, 16)
    optimizer = adam(model)
    with us.watch(model, optimizer) as doctor:
        for _ in range(STEPS):
            x = torch.randn(32, 8)
            a, b = (F.normalize(model(x + 0.1 * torch.randn_like(x))) for _ in range(2))
            loss = F.cross_entropy(a @ b.T / 0.1, torch.arange(32))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return doctor


@healthy
def ranking_by_pairs() -> Any:
    model = mlp(8, 16, 1)
    optimizer = adam(model)
    with us.watch(model, optimizer) as doctor:
        for _ in range(STEPS):
            x = torch.randn(32, 8)
            scores, truth = model(x)[:, 0], x.sum(1)
            gaps, signs = scores[:, None] - scores[None], torch.sign(truth[:, None] - truth[None])
            optimizer.zero_grad()
            F.relu(1 - signs * gaps).mean().backward()
            optimizer.step()
    return doctor


@healthy
def radial_units() -> Any:
    class Radial(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.centres, self.output = nn.Parameter(torch.linspace(-2, 2, 32)), nn.Linear(32, 1)
            self.register_buffer("grid", torch.linspace(-1, 1, 32))
            self.before = nn.Linear(1, 1)

        def forward(self, x: Tensor) -> Tensor:
            soft = torch.exp(-((self.before(x) - self.grid) ** 2))
            return self.output(torch.exp(-((x - self.centres) ** 2)) * soft)

    model = Radial()
    optimizer = adam(model)
    with us.watch(model, optimizer) as doctor:
        for _ in range(STEPS):
            x = torch.randn(32, 1)  # as many as there are centres
            optimizer.zero_grad()
            F.mse_loss(model(x), torch.sin(x)).backward()
            optimizer.step()
    return doctor


@healthy
def graph_network_on_the_whole_graph() -> Any:
    class GCN(nn.Module):
        def __init__(self, adjacency: Tensor) -> None:
            super().__init__()
            self.adjacency, self.one, self.two = adjacency, nn.Linear(8, 16), nn.Linear(16, 3)

        def forward(self, x: Tensor) -> Tensor:
            return self.adjacency @ self.two(F.relu(self.adjacency @ self.one(x)))

    x, y = classes(50)
    adjacency = torch.softmax(torch.randn(50, 50), 1)
    model, known = GCN(adjacency), torch.arange(50) < 20
    optimizer = adam(model)
    with us.watch(model, optimizer) as doctor:
        for _ in range(STEPS):
            optimizer.zero_grad()
            F.cross_entropy(model(x)[known], y[known]).backward()
            optimizer.step()
    return doctor


@healthy
def two_classes_many_labels_and_blurred_ones() -> Any:
    model = mlp(8, 32, 4)
    optimizer = adam(model)
    with us.watch(model, optimizer) as doctor:
        for _ in range(STEPS):
            x = torch.randn(32, 8)
            y = (x[:, :4] > 0).float()
            share = torch.distributions.Beta(0.4, 0.4).sample((32, 1))
            x, y = share * x + (1 - share) * x.flip(0), share * y + (1 - share) * y.flip(0)
            logits = model(x)
            loss = F.binary_cross_entropy_with_logits(logits, y, pos_weight=torch.full((4,), 3.0))
            loss = loss + F.cross_entropy(logits, y / y.sum(1, keepdim=True).clamp_min(1e-6))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return doctor


@healthy
def evaluation_between_epochs_with_chance_on_purpose() -> Any:
    model = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Dropout(0.5), nn.Linear(32, 3))
    optimizer = adam(model)
    x_test, y_test = classes(40)
    with us.watch(model, optimizer) as doctor:
        for _ in range(4):
            model.train()
            for _ in range(6):
                x, y = classes()
                optimizer.zero_grad()
                logits = model(x)
                F.cross_entropy(logits, y).backward()
                optimizer.step()
                with torch.no_grad():
                    (logits.argmax(1) == y).float().mean().item()
            model.eval()
            with torch.inference_mode():
                F.cross_entropy(model(x_test), y_test)
            model.train()
            with torch.no_grad():  # Monte Carlo dropout: how unsure is it?
                torch.stack([model(x_test).softmax(1) for _ in range(8)]).std(0).mean()
    return doctor


@healthy
def pseudo_labels() -> Any:
    model = nn.Sequential(nn.Linear(8, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Linear(32, 3))
    optimizer = adam(model)
    with us.watch(model, optimizer) as doctor:
        for _ in range(STEPS):
            x, y = classes()
            more = torch.randn(64, 8)
            with torch.no_grad():
                sure, guess = model(more).softmax(1).max(1)
                mask = sure.ge(0.4).float()
            loss = F.cross_entropy(model(x), y)
            loss = loss + (F.cross_entropy(model(more + 0.1), guess, reduction="none") * mask).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return doctor
