"""PyTorch's side of the bench: the same rows, in the ordinary way of writing them. Same protocol as contestant.ts."""
import json
import resource
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn

row = sys.argv[1].split("-")
kind, first = row[0], int(row[1]) if len(row) > 1 else 0
second = int(row[2]) if len(row) > 2 else 0
if len(sys.argv) > 2:
    torch.set_num_threads(int(sys.argv[2]))
torch.manual_seed(0)


def training(model, shape, rows, classes, batch):
    x, y = torch.randn(rows, *shape), torch.arange(rows) % classes
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    loss_of = nn.CrossEntropyLoss()

    def once():
        at = torch.randint(0, rows, (batch,))
        optimizer.zero_grad()
        loss = loss_of(model(x[at]), y[at])
        loss.backward()
        optimizer.step()
        loss.item()
        return batch

    return once


def mlp():
    return nn.Sequential(nn.Linear(600, 512), nn.ReLU(), nn.Linear(512, 256), nn.ReLU(), nn.Linear(256, 100))


def cnn():
    return nn.Sequential(
        nn.Conv2d(1, 32, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(1600, 128), nn.ReLU(), nn.Linear(128, 10),
    )


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        linear = lambda a, b: nn.Linear(a, b, bias=False)
        self.q, self.k, self.v, self.o = linear(576, 576), linear(576, 192), linear(576, 192), linear(576, 576)
        self.gate, self.up, self.down = linear(576, 1536), linear(576, 1536), linear(1536, 576)
        self.norm, self.mlp_norm = nn.RMSNorm(576, eps=1e-5), nn.RMSNorm(576, eps=1e-5)

    def forward(self, x, cos, sin):
        b, t, _ = x.shape
        h = self.norm(x)
        split = lambda z, n: z.view(b, t, n, 64).transpose(1, 2)
        rotate = lambda z: z * cos + torch.cat((-z[..., 32:], z[..., :32]), -1) * sin
        q, k, v = rotate(split(self.q(h), 9)), rotate(split(self.k(h), 3)), split(self.v(h), 3)
        a = F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True)
        x = x + self.o(a.transpose(1, 2).reshape(b, t, 576))
        h = self.mlp_norm(x)
        return x + self.down(F.silu(self.gate(h)) * self.up(h))


class Llama(nn.Module):
    def __init__(self):
        super().__init__()
        self.embeddings = nn.Embedding(49152, 576)
        self.blocks = nn.ModuleList(Block() for _ in range(30))
        self.norm = nn.RMSNorm(576, eps=1e-5)

    def forward(self, tokens):
        t = tokens.shape[1]
        frequency = 1.0 / 10000 ** (torch.arange(0, 64, 2) / 64)
        angles = torch.outer(torch.arange(t).float(), frequency).repeat(1, 2)
        x = self.embeddings(tokens)
        for block in self.blocks:
            x = block(x, angles.cos(), angles.sin())
        return self.norm(x) @ self.embeddings.weight.T


def llama(batch, length):
    model = Llama().eval()

    @torch.inference_mode()
    def once():
        tokens = torch.randint(0, 49152, (batch, length))
        logits = model(tokens)[:, :-1]
        chosen = logits.gather(2, tokens[:, 1:, None])[..., 0]
        (chosen - logits.logsumexp(2)).numpy()
        return batch * length

    return once


def matmul():
    a = torch.randn(2048, 2048)

    def once():
        (a @ a).max().item()
        return 2 * 2048**3

    return once


once = {
    "mlp": lambda: training(mlp(), (600,), 5000, 100, first),
    # One model after the other: each step is a step of one of them.
    "bank": lambda: training(mlp(), (600,), 5000, 100, second),
    "cnn": lambda: training(cnn(), (1, 28, 28), 2000, 10, first),
    "llama": lambda: llama(first, second),
    "matmul": matmul,
}[kind]()
once()
once()
print(json.dumps({"ready": True, "info": {"library": "torch", "libraryVersion": torch.__version__, "threads": torch.get_num_threads()}}), flush=True)
for line in sys.stdin:
    started, cpu = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF)
    samples = 0
    while time.perf_counter() - started < float(line):
        samples += once()
    seconds = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_SELF)
    used = after.ru_utime + after.ru_stime - cpu.ru_utime - cpu.ru_stime
    print(json.dumps({"samples": samples, "seconds": seconds, "cpuSeconds": used}), flush=True)
