"""scikit-learn's and scipy's side of million-scores.mjs: the same quantities of like arrays, as people write them."""
import json
import resource
import sys
import time

import numpy as np
from scipy import stats
from sklearn.metrics import roc_curve

n, models = int(sys.argv[1]), int(sys.argv[2])
random = np.random.default_rng(1)
member = np.arange(n) % 2 == 1
scores = random.normal(size=n) + member
confidence = 2 * random.normal(size=n)
trained_on = np.empty((models, n), bool)
for pair in range(0, models, 2):
    trained_on[pair] = random.random(n) < 0.5
    trained_on[pair + 1] = ~trained_on[pair]
reference = 2 * random.normal(size=(models, n)) + trained_on


def delong():
    """Sun and Xu 2014: variances of the placements from mid-ranks."""
    x, y = scores[member], scores[~member]
    m, k = len(x), len(y)
    ranks = stats.rankdata(np.concatenate([x, y]))
    above = (ranks[:m] - stats.rankdata(x)) / k
    below = 1 - (ranks[m:] - stats.rankdata(y)) / m
    auc = above.mean()
    error = np.sqrt(above.var(ddof=1) / m + below.var(ddof=1) / k)
    logit, width = np.log(auc / (1 - auc)), 1.96 * error / (auc * (1 - auc))
    return 1 / (1 + np.exp(-np.array([logit, logit - width, logit + width])))


def tpr_at_fpr(fpr=0.001):
    threshold = np.sort(scores[~member])[-int(fpr * (~member).sum()) - 1]
    hits, total = int((scores[member] > threshold).sum()), int(member.sum())
    return stats.beta.ppf([0.025, 0.975], [hits, hits + 1], [total - hits + 1, total - hits])


def moments(side):
    values = np.where(trained_on == side, reference, np.nan)
    return np.nanmean(values, 0), np.nanvar(values, 0), (trained_on == side).sum(0)


def lira():
    inside, outside = moments(True), moments(False)
    return stats.norm.logpdf(confidence, inside[0], np.sqrt(inside[1]) + 1e-30) - stats.norm.logpdf(
        confidence, outside[0], np.sqrt(outside[1]) + 1e-30
    )


def moderated():
    total = 0
    for side, sign in ((True, 1), (False, -1)):
        mean, variance, count = moments(side)
        pooled = (variance * count).sum() / (count - 1).sum()
        freedom = 4 + count - 1
        spread = (4 * pooled + variance * count) / freedom
        total = total + sign * stats.t.logpdf(confidence, freedom, mean, np.sqrt(spread * (1 + 1 / count)))
    return total


tasks = {
    "ROC": lambda: roc_curve(member, scores, drop_intermediate=False),
    "AUC with DeLong interval": delong,
    "TPR at FPR 0.001 with Clopper-Pearson": tpr_at_fpr,
    "LiRA, variance per sample": lira,
    "LiRA, moderated variance": moderated,
}
for line in sys.stdin:
    start = time.perf_counter()
    tasks[line.strip()]()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps({"seconds": time.perf_counter() - start, "mebibytes": peak}), flush=True)
