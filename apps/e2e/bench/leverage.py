"""numpy's and scipy's side of leverage.mjs: the same drops of the same arrays, by matrix products and a Cholesky inverse."""
import json
import os
import resource
import sys
import time

import numpy as np
from scipy.linalg import lapack

folder = sys.argv[1]
n, width, classes = (int(each) for each in sys.argv[2:])
features = np.fromfile(os.path.join(folder, "features"), np.float32).reshape(n, width)
p = np.exp(np.fromfile(os.path.join(folder, "logProbabilities"), np.float64)).reshape(n, classes)
labels = np.fromfile(os.path.join(folder, "labels"), np.int32)

start, before = time.time(), time.process_time()
x = np.concatenate([features.astype(np.float64), np.ones((n, 1))], axis=1)
inputs = width + 1
weight = (n / 2 - 1) / (n - 1)
dimension = inputs * classes
penalty = 1e-3 / 2 * ((p * (1 - p)).sum(1) * (x * x).sum(1)).sum() / dimension
spread = (p[:, :, None] * x[:, None, :]).reshape(n, dimension)
curvature = spread.T @ spread
curvature *= -weight
for a in range(classes):
    own = slice(a * inputs, (a + 1) * inputs)
    curvature[own, own] = weight * (x * (p * (1 - p))[:, a : a + 1]).T @ x
curvature[np.diag_indices(dimension)] += penalty
factor, _ = lapack.dpotrf(curvature, lower=1)
inverse, _ = lapack.dpotri(factor, lower=1)
reach = np.empty((n, classes, classes))
for a in range(classes):
    rows = inverse[a * inputs : (a + 1) * inputs, : (a + 1) * inputs].copy()
    block = rows[:, a * inputs :]
    block += np.tril(block, -1).T - np.triu(block, 1)
    found = np.einsum("nbw,nw->nb", (x @ rows).reshape(n, a + 1, inputs), x)
    reach[:, a, : a + 1] = found
    reach[:, : a + 1, a] = found
error = p.copy()
error[np.arange(n), labels] -= 1
doubt = -error[np.arange(n), labels]
direction = error / doubt[:, None]
own = p[:, :, None] * (np.eye(classes) - p[:, None, :])
left = np.linalg.solve(np.eye(classes) - weight * reach @ own, (reach @ direction[:, :, None]))
drops = doubt * (direction * left[:, :, 0]).sum(1)
seconds, processor = time.time() - start, time.process_time() - before

drops.tofile(os.path.join(folder, "drops"))
mebibytes = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
print(json.dumps({"seconds": seconds, "processor": processor, "mebibytes": mebibytes}))
