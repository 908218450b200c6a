// How often each nominal 95 % interval holds the truth, over simulations whose truth is known in closed form.
// Run after a build: node packages/metrics/bench/coverage.mjs [simulations, at least 2000 to report]
import {
  auc,
  bootstrapInterval,
  calibratedThreshold,
  clopperPearson,
  newcombeDifference,
  pairedDelong,
  placements,
  precision,
  precisionAtPrior,
  rocHeight,
  spearmanWithInterval,
  tprAtCalibratedThreshold,
  tprAtFpr,
  wilson,
} from '@engram/metrics';
import { createRandom, deriveSeed, mean, normalCdf, normalQuantile } from '@engram/numeric';

const simulations = Number(process.argv[2] ?? 2000);

/** `draw` gives one or several [what, interval, truth]; a truth may depend on the draw, as that of a threshold does. */
function report(name, draw, runs = simulations) {
  const tallies = new Map();
  for (let run = 0; run < runs; run += 1) {
    for (const [what, measured, truth] of draw(createRandom(deriveSeed(1, name, run)), run)) {
      const tally = tallies.get(what) ?? { held: 0, n: 0, width: 0, none: 0 };
      tallies.set(what, tally);
      if (measured.status === 'notMeasured') {
        tally.none += 1;
        continue;
      }
      tally.n += 1;
      tally.width += measured.high - measured.low;
      if (measured.low <= truth && truth <= measured.high) tally.held += 1;
    }
  }
  for (const [what, { held, n, width, none }] of tallies) {
    const interval = clopperPearson(held, n);
    const percent = (share) => (100 * share).toFixed(1);
    const title = `${name}${what === '' ? '' : `: ${what}`}`;
    console.log(
      `${title.padEnd(78)} ${percent(held / n).padStart(5)} % [${percent(interval.low)}, ${percent(interval.high)}]  width ${(width / n).toFixed(4)}  n ${n}${none > 0 ? ` (${none} not measured)` : ''}`,
    );
  }
}

function count(random, n, rate) {
  let hits = 0;
  for (let i = 0; i < n; i += 1) if (random.uniform() < rate) hits += 1;
  return hits;
}

/** Members N(shift, 1), non-members N(0, 1), in turns. */
function shifted(random, members, nonMembers, shift) {
  const membership = Uint8Array.from({ length: members + nonMembers }, (_, i) => Number(i < members));
  return { membership, scores: Float64Array.from(membership, (member) => random.normal() + shift * member) };
}

console.log(`nominal coverage 95 %, ${simulations} simulations each, [Clopper-Pearson interval of the coverage]`);

for (const [n, rate] of [
  [100, 0.01],
  [500, 0.06],
  [1000, 0.001],
  [50, 0.5],
  [2000, 0.4],
]) {
  report(`rate ${rate} of ${n}`, (random) => {
    const hits = count(random, n, rate);
    return [
      ['Clopper-Pearson', clopperPearson(hits, n), rate],
      ['Wilson', wilson(hits, n), rate],
    ];
  });
}
report('Newcombe, 0.1 of 200 less 0.02 of 300', (random) => [
  [
    '',
    newcombeDifference({ count: count(random, 200, 0.1), n: 200 }, { count: count(random, 300, 0.02), n: 300 }),
    0.08,
  ],
]);

for (const [members, nonMembers, shift] of [
  [1000, 1000, 0],
  [1000, 1000, 1],
  [1000, 1000, 3],
  [60, 60, 0],
  [60, 60, 1],
  [60, 60, 2.5],
  [200, 2000, 0.5],
  [49, 49, 0],
  [30, 30, 0.5],
  [20, 20, 1],
  [20, 40, 1],
]) {
  const method = Math.min(members, nonMembers) < 50 ? 'BCa' : 'DeLong';
  report(`AUC by ${method}, ${members} + ${nonMembers}, shift ${shift}`, (random, run) => {
    const { scores, membership } = shifted(random, members, nonMembers, shift);
    return [['', auc(scores, membership, { seed: run }), normalCdf(shift / Math.SQRT2)]];
  });
}
report('AUC by BCa, 60 + 60, shift 1 (DeLong in use there)', (random, run) => {
  const { scores, membership } = shifted(random, 60, 60, 1);
  const statistic = (rows) =>
    mean(
      placements(
        Float64Array.from(rows, (row) => scores[row]),
        Uint8Array.from(rows, (row) => membership[row]),
      ).ofMembers,
    );
  const measured = bootstrapInterval({
    units: 120,
    strata: membership,
    statistic,
    draws: 2000,
    seed: run,
    method: 'bca',
  });
  return [['', measured, normalCdf(Math.SQRT1_2)]];
});
report('difference of AUCs by paired DeLong, 300 + 300, shifts 1 and 0.5, correlation 1/2', (random) => {
  const membership = Uint8Array.from({ length: 600 }, (_, i) => i % 2);
  const common = Float64Array.from(membership, () => random.normal());
  const score = (shift) =>
    Float64Array.from(membership, (member, i) => (common[i] + random.normal()) * Math.SQRT1_2 + shift * member);
  const truth = normalCdf(Math.SQRT1_2) - normalCdf(0.5 * Math.SQRT1_2);
  return [['', pairedDelong(score(1), score(0.5), membership).difference, truth]];
});

for (const [perSide, fpr, shift] of [
  [1000, 0.1, 1],
  [1000, 0.01, 1],
  [1000, 0.01, 0],
  [3000, 0.001, 2],
]) {
  const threshold = normalQuantile(1 - fpr);
  const height = normalCdf(shift - threshold);
  const atThreshold = (tau) => ({ tpr: 1 - normalCdf(tau - shift), fpr: 1 - normalCdf(tau) });
  report(`rate at FPR ${fpr}, ${perSide} + ${perSide}, shift ${shift}`, (random) => {
    const { scores, membership } = shifted(random, perSide, perSide, shift);
    const inSample = tprAtFpr(scores, membership, { fpr });
    const calibration = Float64Array.from({ length: perSide }, () => random.normal());
    const apart = tprAtCalibratedThreshold(scores, membership, calibration, { fpr });
    const rows = [
      [
        'TPR at a threshold fixed beforehand',
        clopperPearson(countAbove(scores, membership, 1, threshold), perSide),
        height,
      ],
      ['height of the ROC by order statistics', rocHeight(scores, membership, { fpr }), height],
    ];
    for (const [name, point] of [
      ['in sample', inSample],
      ['calibrated', apart],
    ]) {
      const truth = atThreshold(point.threshold);
      rows.push(
        [`${name}, TPR of the threshold used`, point.tpr, truth.tpr],
        [`${name}, FPR of the threshold used`, point.realisedFpr, truth.fpr],
        [`${name}, TPR against the height of the ROC at exactly this FPR`, point.tpr, height],
      );
      for (const prior of [0.5, 0.01])
        rows.push([
          `${name}, PPV at prior ${prior}`,
          precision(point.flagged.members, point.flagged.nonMembers, prior),
          precisionAtPrior(truth.tpr, truth.fpr, prior),
        ]);
    }
    return rows;
  });
}
report('bound on the FPR of a calibrated threshold, 1000, FPR 0.01 (one-sided)', (random) => {
  const rule = calibratedThreshold(
    Float64Array.from({ length: 1000 }, () => random.normal()),
    0.01,
  );
  const bound = { status: 'measured', low: 0, high: rule.fprBound };
  return [['', bound, 1 - normalCdf(rule.threshold)]];
});

const rho = (6 / Math.PI) * Math.asin(Math.SQRT1_2 / 2);
report(`Spearman, n 60, rho ${rho.toFixed(2)}`, (random, run) => {
  const a = Float64Array.from({ length: 60 }, () => random.normal());
  const b = a.map((x) => x + random.normal());
  return ['bootstrap', 'fisherZ'].map((method) => [method, spearmanWithInterval(a, b, { method, seed: run }), rho]);
});

function countAbove(scores, membership, side, threshold) {
  let above = 0;
  scores.forEach((score, i) => {
    if (membership[i] === side && score > threshold) above += 1;
  });
  return above;
}
