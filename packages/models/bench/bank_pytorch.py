"""PyTorch's side of bank.mjs: the same networks and batches, one model after another, in the ordinary way of writing it."""
import json
import sys
import time

import torch
from torch import nn

network, models, samples, epochs, threads = sys.argv[1], *map(int, sys.argv[2:6])
torch.set_num_threads(threads)
torch.manual_seed(1)

networks = {
    "MLP 30-64-2": ([30], 2, lambda: nn.Sequential(nn.Linear(30, 64), nn.ReLU(), nn.Linear(64, 2))),
    "MLP 784-128-10": ([784], 10, lambda: nn.Sequential(nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10))),
    "MLP 600-512-256-100": ([600], 100, lambda: nn.Sequential(
        nn.Linear(600, 512), nn.ReLU(), nn.Linear(512, 256), nn.ReLU(), nn.Linear(256, 100))),
    "CNN 28x28, 16-32 conv, 64 dense": ([1, 28, 28], 10, lambda: nn.Sequential(
        nn.Conv2d(1, 16, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(16, 32, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(800, 64), nn.ReLU(), nn.Linear(64, 10))),
}
shape, classes, build = networks[network]
x, y = torch.randn(samples, *shape), torch.randint(0, classes, (samples,))
loss_of = nn.CrossEntropyLoss()


def train(epochs):
    model = build()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    members = torch.randperm(samples)[: samples // 2]
    for _ in range(epochs):
        for batch in members[torch.randperm(len(members))].split(64):
            optimizer.zero_grad()
            loss_of(model(x[batch]), y[batch]).backward()
            optimizer.step()


train(1)
start = time.perf_counter()
for _ in range(models):
    train(epochs)
print(json.dumps({"seconds": time.perf_counter() - start, "torch": torch.__version__}))
