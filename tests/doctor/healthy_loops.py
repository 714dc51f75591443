"""Training loops with nothing wrong with them, whose ways are easily taken for mistakes."""

import copy
import math
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

import understudy as us

Loop = Callable[[], Any]
LOOPS: dict[str, Loop] = {}
STEPS = 24


def healthy(loop: Loop) -> Loop:
    LOOPS[loop.__name__] = loop
    return loop


def mlp(*sizes: int, last: nn.Module | None = None) -> nn.Sequential:
    layers: list[nn.Module] = []
    for i, o in pairwise(sizes):
        layers += [nn.Linear(i, o), nn.ReLU()]
    return nn.Sequential(*layers[:-1], *([last] if last else []))


def adam(*modules: nn.Module, lr: float = 1e-3, **options: Any) -> torch.optim.Adam:
    return torch.optim.Adam([p for m in modules for p in m.parameters()], lr=lr, **options)


def classes(count: int = 64, features: int = 8, of: int = 3) -> tuple[Tensor, Tensor]:
    x = torch.randn(count, features)
    return x, x[:, :of].argmax(1)


@healthy
def wgan_with_gradient_penalty() -> Any:
    g, d = mlp(4, 16, 2), mlp(2, 16, 1)
    opt_g, opt_d = adam(g), adam(d)
    with us.watch([g, d], [opt_g, opt_d], family="gan") as doctor:
        for _ in range(STEPS):
            for _ in range(3):
                real, fake = torch.randn(32, 2), g(torch.randn(32, 4)).detach()
                mixed = torch.lerp(real, fake, torch.rand(32, 1)).requires_grad_()
                slope = torch.autograd.grad(d(mixed).sum(), mixed, create_graph=True)[0]
                loss = d(fake).mean() - d(real).mean() + 10 * (slope.norm(dim=1) - 1).square().mean()
                opt_d.zero_grad()
                loss.backward()
                opt_d.step()
            opt_g.zero_grad()
            (-d(g(torch.randn(32, 4))).mean()).backward()
            opt_g.step()
    return doctor


@healthy
def gan_that_uses_its_fakes_twice() -> Any:
    g, d = mlp(4, 16, 2, last=nn.Tanh()), mlp(2, 16, 1, last=nn.Sigmoid())
    opt_g, opt_d = adam(g), adam(d)
    bce = nn.BCELoss()
    with us.watch([g, d], [opt_g, opt_d]) as doctor:
        for _ in range(STEPS):
            fake = g(torch.randn(32, 4))
            d.zero_grad()
            bce(d(torch.rand(32, 2)), torch.full((32, 1), 0.9)).backward()
            bce(d(fake.detach()), torch.zeros(32, 1)).backward()
            opt_d.step()
            g.zero_grad()
            bce(d(fake), torch.ones(32, 1)).backward()
            opt_g.step()
    return doctor


@healthy
def gan_whose_fakes_are_made_without_gradient_and_shown_in_training_mode() -> Any:
    g = nn.Sequential(nn.Linear(4, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Linear(16, 2))
    d = nn.Sequential(nn.Linear(2, 16), nn.LeakyReLU(0.2), nn.Dropout(0.3), nn.Linear(16, 1))
    opt_g, opt_d = adam(g), adam(d)
    noise = torch.randn(16, 4)
    with us.watch([g, d], [opt_g, opt_d]) as doctor:
        for step in range(STEPS):
            with torch.no_grad():
                fake = g(torch.randn(32, 4))
            labels = torch.cat([0.7 + 0.5 * torch.rand(32, 1), 0.3 * torch.rand(32, 1)])  # blurred, as people do
            loss = F.binary_cross_entropy_with_logits(d(torch.cat([torch.randn(32, 2), fake])), labels)
            opt_d.zero_grad()
            loss.backward()
            opt_d.step()
            loss = F.binary_cross_entropy_with_logits(d(g(torch.randn(32, 4))), torch.ones(32, 1))
            opt_g.zero_grad()
            loss.backward()
            opt_g.step()
            if step % 5 == 0:
                with torch.no_grad():
                    shown = g(noise)
                    (d(shown) > 0).float().mean().item()
    return doctor


@healthy
def gan_with_players_in_one_module_and_the_generator_first() -> Any:
    class Gan(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.g, self.d = mlp(4, 16, 2), nn.Sequential(*map(nn.utils.spectral_norm, [nn.Linear(2, 1)]))

    gan = Gan()
    opt_g, opt_d = adam(gan.g), torch.optim.SGD(gan.d.parameters(), lr=0.01)
    with us.watch(gan, [opt_g, opt_d]) as doctor:
        for _ in range(STEPS):
            fake = gan.g(torch.randn(32, 4))
            opt_g.zero_grad(set_to_none=False)
            F.softplus(-gan.d(fake)).mean().backward()
            opt_g.step()
            opt_d.zero_grad(set_to_none=False)
            (F.softplus(-gan.d(torch.randn(32, 2))) + F.softplus(gan.d(fake.detach()))).mean().backward()
            opt_d.step()
    return doctor


@healthy
def vae_with_summed_cross_entropy() -> Any:
    encoder, decoder = mlp(16, 32, 8), mlp(4, 32, 16)
    optimizer = adam(encoder, decoder)
    with us.watch([encoder, decoder], optimizer, family="vae") as doctor:
        for _ in range(STEPS):
            x = (torch.rand(32, 16) > 0.5).float()
            mean, log_variance = encoder(x).chunk(2, 1)
            z = mean + torch.exp(log_variance / 2) * torch.randn_like(mean)
            copy_loss = F.binary_cross_entropy_with_logits(decoder(z), x, reduction="sum") / 32
            kl = 0.5 * (mean**2 + log_variance.exp() - 1 - log_variance).sum(1).mean()
            optimizer.zero_grad()
            (copy_loss + kl).backward()
            optimizer.step()
    return doctor


@healthy
def vq_vae_straight_through() -> Any:
    encoder, decoder, codebook = mlp(8, 16, 4), mlp(4, 16, 8), nn.Embedding(16, 4)
    optimizer = adam(encoder, decoder, codebook)
    with us.watch([encoder, decoder, codebook], optimizer) as doctor:
        for _ in range(STEPS):
            x = torch.randn(32, 8)
            z = encoder(x)
            e = codebook(torch.cdist(z.detach(), codebook.weight.detach()).argmin(1))
            out = decoder(z + (e - z).detach())
            loss = F.mse_loss(out, x) + F.mse_loss(e, z.detach()) + 0.25 * F.mse_loss(z, e.detach())
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return doctor


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


class Writer(nn.Module):
    """Reads tokens; says the next one."""

    def __init__(self, vocabulary: int = 20, cell: type[nn.RNNBase] = nn.LSTM) -> None:
        super().__init__()
        self.embedding, self.rnn = nn.Embedding(vocabulary, 16), cell(16, 24, batch_first=True)
        self.output = nn.Linear(24, vocabulary)

    def forward(self, x: Tensor, state: Any = None) -> tuple[Tensor, Any]:
        y, state = self.rnn(self.embedding(x), state)
        return self.output(y), state


@healthy
def language_model_that_goes_on_where_it_was() -> Any:
    model = Writer()
    optimizer = adam(model)
    lanes = torch.randint(20, (8, 400))
    state = None
    with us.watch(model, optimizer, family="writer") as doctor:
        for start in range(0, 12 * STEPS, 12):
            x, y = lanes[:, start : start + 12], lanes[:, start + 1 : start + 13]
            logits, state = model(x, state)
            state = tuple(s.detach() for s in state)
            optimizer.zero_grad()
            F.cross_entropy(logits.reshape(-1, 20), y.reshape(-1)).backward()
            nn.utils.clip_grad_norm_(model.parameters(), 0.5)
            optimizer.step()
    return doctor


@healthy
def time_major_language_model_that_goes_on() -> Any:
    class TimeMajor(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embedding, self.rnn, self.output = nn.Embedding(20, 16), nn.GRU(16, 24, 2), nn.Linear(24, 20)

        def forward(self, x: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
            y, state = self.rnn(self.embedding(x), state)
            return self.output(y), state

    model = TimeMajor()
    optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
    text = torch.randint(20, (400, 8))
    hidden = torch.zeros(2, 8, 24)
    with us.watch(model, optimizer) as doctor:
        for i in range(0, 12 * STEPS, 12):
            hidden = hidden.detach()
            output, hidden = model(text[i : i + 12], hidden)
            loss = F.cross_entropy(output.view(-1, 20), text[i + 1 : i + 13].reshape(-1))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return doctor


@healthy
def two_way_labels_of_padded_sentences() -> Any:
    class Tagger(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embedding = nn.Embedding(30, 16, padding_idx=0)
            self.rnn = nn.LSTM(16, 16, batch_first=True, bidirectional=True)
            self.output = nn.Linear(32, 5)

        def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
            packed = pack_padded_sequence(self.embedding(x), lengths, batch_first=True, enforce_sorted=False)
            return self.output(pad_packed_sequence(self.rnn(packed)[0], batch_first=True)[0])

    model = Tagger()
    optimizer = adam(model)
    with us.watch(model, optimizer) as doctor:
        for _ in range(STEPS):
            lengths = torch.randint(3, 12, (16,))
            x = torch.randint(1, 30, (16, int(lengths.max())))
            x[torch.arange(x.shape[1]) >= lengths[:, None]] = 0
            y = torch.where(x == 0, -100, x % 5)
            optimizer.zero_grad()
            F.cross_entropy(model(x, lengths).transpose(1, 2), y).backward()
            optimizer.step()
    return doctor


@healthy
def masked_mean_of_padded_texts() -> Any:
    class Mean(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embedding, self.output = nn.Embedding(30, 16), nn.Linear(16, 2)

        def forward(self, x: Tensor) -> Tensor:
            real = (x != 0)[..., None]
            return self.output((self.embedding(x) * real).sum(1) / real.sum(1))

    model = Mean()
    optimizer = adam(model)
    with us.watch(model, optimizer) as doctor:
        for _ in range(STEPS):
            lengths = torch.randint(3, 12, (16,))
            x = torch.randint(1, 30, (16, int(lengths.max())))
            x[torch.arange(x.shape[1]) >= lengths[:, None]] = 0
            optimizer.zero_grad()
            F.cross_entropy(model(x), (x == 3).any(1).long()).backward()
            optimizer.step()
    return doctor


@healthy
def convolutions_over_padded_texts() -> Any:
    class TextCNN(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embedding = nn.Embedding(30, 16, padding_idx=0)
            self.conv, self.output = nn.Conv1d(16, 24, 3, padding=1), nn.Linear(24, 2)

        def forward(self, x: Tensor) -> Tensor:
            return self.output(F.relu(self.conv(self.embedding(x).transpose(1, 2))).amax(2))

    model = TextCNN()
    optimizer = adam(model)
    with us.watch(model, optimizer) as doctor:
        for _ in range(STEPS):
            lengths = torch.randint(5, 25, (16,))
            x = torch.randint(1, 30, (16, int(lengths.max())))
            x[torch.arange(x.shape[1]) >= lengths[:, None]] = 0
            optimizer.zero_grad()
            F.cross_entropy(model(x), (x == 3).any(1).long()).backward()
            optimizer.step()
    return doctor


@healthy
def translator_with_masks_and_tied_weights() -> Any:
    class Translator(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embedding = nn.Embedding(30, 16, padding_idx=0)
            nn.init.normal_(self.embedding.weight, std=16**-0.5)
            self.transformer = nn.Transformer(16, 2, 1, 1, 32, batch_first=True)
            self.output = nn.Linear(16, 30, bias=False)
            self.output.weight = self.embedding.weight

        def forward(self, source: Tensor, target: Tensor) -> Tensor:
            mask = nn.Transformer.generate_square_subsequent_mask(target.shape[1])
            y = self.transformer(
                self.embedding(source), self.embedding(target), tgt_mask=mask, tgt_is_causal=True,
                src_key_padding_mask=source == 0, memory_key_padding_mask=source == 0,
            )  # fmt: skip
            return self.output(y)

    model = Translator()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, betas=(0.9, 0.98))
    with us.watch(model, optimizer, family="writer") as doctor:
        for _ in range(STEPS):
            lengths = torch.randint(3, 10, (12,))
            source = torch.randint(3, 30, (12, int(lengths.max()) + 1))
            places = torch.arange(source.shape[1])
            source[places > lengths[:, None]] = 0
            source[places == lengths[:, None]] = 2  # every sentence has its end
            target = torch.cat([torch.ones(12, 1, dtype=torch.long), source], 1)
            logits = model(source, target[:, :-1])
            loss = F.cross_entropy(logits.reshape(-1, 30), target[:, 1:].reshape(-1), ignore_index=0)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return doctor


@healthy
def masked_language_model() -> Any:
    model = nn.Sequential(
        nn.Embedding(31, 16), nn.TransformerEncoderLayer(16, 2, 32, batch_first=True), nn.Linear(16, 31)
    )
    optimizer = adam(model)
    with us.watch(model, optimizer) as doctor:
        for _ in range(STEPS):
            text = torch.randint(30, (16, 12))
            hidden = torch.rand(text.shape) < 0.15
            x, y = text.masked_fill(hidden, 30), text.masked_fill(~hidden, -100)
            optimizer.zero_grad()
            F.cross_entropy(model(x).flatten(0, 1), y.flatten()).backward()
            optimizer.step()
    return doctor


@healthy
def sentence_autoencoder() -> Any:
    class Copier(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embedding, self.output = nn.Embedding(30, 16), nn.Linear(32, 30)
            self.encoder, self.decoder = nn.GRU(16, 32, batch_first=True), nn.GRU(32, 32, batch_first=True)

        def forward(self, x: Tensor) -> Tensor:
            _, code = self.encoder(self.embedding(x))
            return self.output(self.decoder(code.transpose(0, 1).expand(-1, x.shape[1], -1))[0])

    model = Copier()
    optimizer = adam(model)
    with us.watch(model, optimizer, family="autoencoder") as doctor:
        for _ in range(STEPS):
            x = torch.randint(30, (16, 9))
            optimizer.zero_grad()
            F.cross_entropy(model(x).flatten(0, 1), x.flatten()).backward()
            optimizer.step()
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
def encoder_and_decoder_with_an_optimizer_each() -> Any:
    encoder, decoder = mlp(8, 16, 4), mlp(4, 16, 8)
    optimizers = [adam(encoder), adam(decoder)]
    with us.watch([encoder, decoder], optimizers) as doctor:
        for _ in range(STEPS):
            x = torch.randn(32, 8)
            loss = F.mse_loss(decoder(encoder(x)), x)
            for optimizer in optimizers:
                optimizer.zero_grad()
            loss.backward()
            for optimizer in optimizers:
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
def diffusion() -> Any:
    class Denoiser(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.time, self.body = mlp(1, 16, 16), mlp(18, 64, 2)

        def forward(self, x: Tensor, t: Tensor) -> Tensor:
            return self.body(torch.cat([x, self.time(t[:, None].float())], 1))

    model = Denoiser()
    optimizer = adam(model)
    kept = torch.cumprod(1 - torch.linspace(1e-4, 0.02, 1000), 0)
    with us.watch(model, optimizer) as doctor:
        for _ in range(STEPS):
            x, t = torch.randn(64, 2), torch.randint(1000, (64,))
            noise = torch.randn_like(x)
            noisy = kept[t].sqrt()[:, None] * x + (1 - kept[t]).sqrt()[:, None] * noise
            optimizer.zero_grad()
            F.mse_loss(model(noisy, t / 1000), noise).backward()
            optimizer.step()
    return doctor


@healthy
def normalising_flow_that_begins_as_the_identity() -> Any:
    class Coupling(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.net = mlp(1, 16, 2)
            nn.init.zeros_(self.net[-1].weight)
            nn.init.zeros_(self.net[-1].bias)

        def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
            shift, log_scale = self.net(x[:, :1]).chunk(2, 1)
            return torch.cat([x[:, 1:] * log_scale.exp() + shift, x[:, :1]], 1), log_scale[:, 0]

    model = nn.ModuleList(Coupling() for _ in range(4))
    optimizer = adam(model)
    with us.watch(model, optimizer) as doctor:
        for _ in range(STEPS):
            z = torch.randn(64, 2) @ torch.tensor([[1.0, 0.9], [0.0, 0.4]])
            total = torch.zeros(64)
            for layer in model:
                z, log_det = layer(z)
                total = total + log_det
            loss = (0.5 * z.square().sum(1) + math.log(2 * math.pi) - total).mean()
            optimizer.zero_grad()
            loss.backward()
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


@healthy
def forecaster_with_steps_of_its_own() -> Any:
    class Forecaster(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.cell, self.output = nn.LSTMCell(1, 16), nn.Linear(16, 1)

        def forward(self, x: Tensor, ahead: int) -> Tensor:
            h = c = x.new_zeros(len(x), 16)
            said = []
            for t in range(x.shape[1] + ahead - 1):
                value = x[:, t : t + 1] if t < x.shape[1] else said[-1]
                h, c = self.cell(value, (h, c))
                said.append(self.output(h))
            return torch.cat(said[-ahead:], 1)

    model = Forecaster()
    optimizer = adam(model)
    with us.watch(model, optimizer, family="forecaster") as doctor:
        for _ in range(STEPS):
            series = torch.sin(torch.arange(24) * 0.3 + 6 * torch.rand(16, 1))
            optimizer.zero_grad()
            F.mse_loss(model(series[:, :20], 4), series[:, 20:]).backward()
            optimizer.step()
    return doctor
