import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mean, spearman } from '@engram/numeric';
import { subsampledMemorization } from '../memorization/subsampled-memorization.js';
import { type MembershipAttackRequest, parseAttackRequest } from './attack-request.js';
import { benchmarkB1, columns, fitLogistic, margin, models, pool } from './b1-benchmark.js';
import { leaveOneOut } from './leave-one-out.js';
import type { ReferenceSignals } from './signals.js';
import { vulnerability } from './vulnerability.js';

const b1 = benchmarkB1();

/** Shown to as many digits as the printed value has; a difference there is a different method, not rounding. */
function printed(value: number, digits: number): string {
  return value.toFixed(digits).replace(/^0/, '');
}

/** Target k with the first `count` other models in pairs as its references. */
function bankSeenBy(target: number, count: number): ReferenceSignals {
  const others = Array.from({ length: models }, (_, k) => k).filter((k) => k >> 1 !== target >> 1);
  const rows = [target, target ^ 1, ...others.slice(0, count)];
  const trainedOn = new Uint8Array(rows.length * pool);
  const loss = new Float64Array(rows.length * pool);
  const scaledConfidence = new Float64Array(rows.length * pool);
  rows.forEach((k, at) => {
    trainedOn.set(b1.bank.trainedOn.subarray(k * pool, (k + 1) * pool), at * pool);
    loss.set(b1.bank.loss.subarray(k * pool, (k + 1) * pool), at * pool);
    scaledConfidence.set(b1.bank.scaledConfidence.subarray(k * pool, (k + 1) * pool), at * pool);
  });
  return { models: rows.length, trainedOn, loss, scaledConfidence };
}

type Target = ReturnType<typeof leaveOneOut>;

/** Each of the 64 models in turn as the target, its complement left out, with `count` references. */
function targetsWith(count: number): Target[] {
  return Array.from({ length: models }, (_, target) => leaveOneOut(bankSeenBy(target, count), 0));
}

/** Mean AUC over the targets, and TPR at 1 % and 0.1 % on the pooled scores. */
function evaluate(targets: readonly Target[], score: (signals: Target['signals'], target: number) => Float64Array) {
  const members: number[] = [];
  const others: number[] = [];
  let aucs = 0;
  targets.forEach(({ signals, membership }, target) => {
    const scores = score(signals, target);
    const inside = scores.filter((_, i) => membership[i] === 1);
    const outside = scores.filter((_, i) => membership[i] === 0);
    let wins = 0;
    for (const a of inside) for (const b of outside) wins += a > b ? 1 : a === b ? 0.5 : 0;
    aucs += wins / (inside.length * outside.length);
    members.push(...inside);
    others.push(...outside);
  });
  others.sort((a, b) => b - a);
  const tpr = (fpr: number) => {
    const threshold = others[Math.floor(fpr * (others.length + 1)) - 1];
    return members.filter((value) => value > threshold).length / members.length;
  };
  return { auc: aucs / targets.length, tpr1: tpr(0.01), tpr01: tpr(0.001) };
}

function cell(targets: readonly Target[], request: MembershipAttackRequest): string {
  const attack = parseAttackRequest(request);
  const { auc, tpr1, tpr01 } = evaluate(targets, (signals) => attack.score(signals, { seed: 1 }));
  return [printed(auc, 4), printed(tpr1, 4), printed(tpr01, 4)].join('/');
}

test('B1 draws the data, labels and models that its definition prints', () => {
  assert.deepEqual(
    [...b1.rows.subarray(0, 3)].map((x) => x.toFixed(8)),
    ['-0.97473245', '2.61666818', '0.47638729'],
  );
  assert.equal(
    b1.labels.reduce((sum, y) => sum + y, 0),
    211,
  );
  assert.deepEqual(
    [...b1.weights.subarray(0, 2)].map((w) => w.toFixed(8)),
    ['0.66529390', '0.35001842'],
  );
  const right = [0, 0];
  b1.bank.scaledConfidence.forEach((phi, at) => {
    if (phi > 0) right[b1.bank.trainedOn[at]] += 1 / ((models * pool) / 2);
  });
  assert.deepEqual(
    right.map((share) => share.toFixed(6)),
    ['0.685625', '0.959219'],
  );
});

const perSample = { attack: 'lira', variance: 'perSample', location: 'mean' } as const;
const global = { attack: 'lira', variance: 'global', location: 'mean' } as const;
const offlineRmia = { attack: 'rmia', mode: 'offline', offlineA: 0.3 } as const;
const calibrated = { attack: 'calibratedLoss', signal: 'scaledConfidence' } as const;

// One row per number of references; cells are mean AUC / pooled TPR at 1 % / at 0.1 %, as printed.
const table: readonly (readonly [number, Readonly<Record<string, string>>])[] = [
  [
    2,
    {
      calibrated: '.6076/.0202/.0003',
      rmia: '.7000/.0383/.0048',
      offline: '.6790/.0134/.0009',
      base: '.6662/.0216/.0078',
    },
  ],
  [
    4,
    {
      calibrated: '.6348/.0173/.0003',
      perSample: '.5856/.0097/.0008',
      global: '.6425/.0139/.0006',
      moderated: '.6478/.0195/.0013',
      rmia: '.7108/.0541/.0102',
      offline: '.6968/.0356/.0008',
      base: '.6897/.0478/.0084',
    },
  ],
  [
    8,
    {
      calibrated: '.6449/.0186/.0009',
      perSample: '.6498/.0111/.0005',
      global: '.6624/.0397/.0028',
      moderated: '.6697/.0528/.0030',
      rmia: '.7138/.0577/.0092',
      offline: '.7035/.0409/.0014',
      base: '.6891/.0608/.0100',
    },
  ],
  [
    16,
    {
      calibrated: '.6495/.0209/.0008',
      perSample: '.6792/.0272/.0014',
      global: '.6774/.0452/.0125',
      moderated: '.6872/.0448/.0109',
      rmia: '.7133/.0591/.0125',
      offline: '.7034/.0402/.0020',
      base: '.6866/.0523/.0153',
    },
  ],
  [
    32,
    {
      calibrated: '.6554/.0234/.0011',
      perSample: '.6969/.0561/.0063',
      global: '.6874/.0561/.0133',
      moderated: '.7007/.0598/.0122',
      rmia: '.7158/.0598/.0100',
      offline: '.7078/.0492/.0033',
      base: '.6889/.0566/.0117',
    },
  ],
  [
    62,
    {
      calibrated: '.6587/.0186/.0011',
      perSample: '.7078/.0716/.0100',
      global: '.6965/.0537/.0136',
      moderated: '.7093/.0725/.0142',
      rmia: '.7169/.0569/.0119',
      offline: '.7095/.0383/.0050',
      base: '.6899/.0473/.0155',
    },
  ],
];

const requests: Readonly<Record<string, MembershipAttackRequest>> = {
  calibrated,
  perSample,
  global,
  moderated: 'lira',
  rmia: 'rmia',
  offline: offlineRmia,
  base: { attack: 'base', mode: 'offline' },
};

for (const [count, cells] of table) {
  test(`B1 gives the printed AUC and TPR of every attack with ${count} references`, () => {
    const targets = targetsWith(count);
    assert.equal(targets[0].signals.reference!.models, count);
    assert.equal(cell(targets, 'loss'), '.6037/.0136/.0013');
    for (const [name, expected] of Object.entries(cells)) assert.equal(cell(targets, requests[name]), expected, name);
  });
}

test('B1 gives the AUC printed to six digits for loss, calibration and RMIA with and without the population', () => {
  const targets = targetsWith(62);
  const auc = (request: MembershipAttackRequest) => {
    const attack = parseAttackRequest(request);
    return printed(evaluate(targets, (signals) => attack.score(signals, { seed: 1 })).auc, 6);
  };
  assert.equal(auc('loss'), '.603694');
  assert.equal(auc(calibrated), '.658675');
  assert.equal(auc('rmia'), '.716864');
  const counted = evaluate(targets, (signals, target) => {
    const row = (k: number) => b1.populationLoss.subarray(k * pool, (k + 1) * pool);
    const others = Array.from({ length: models }, (_, k) => k).filter((k) => k >> 1 !== target >> 1);
    const population = {
      targetLoss: row(target),
      referenceLoss: Float64Array.from(others.flatMap((k) => [...row(k)])),
    };
    const attack = parseAttackRequest({ attack: 'rmia', gamma: 1 });
    const scores = attack.score(signals, { seed: 1 });
    return attack.columns({ ...signals, population }, scores, { seed: 1 })['rmia-gamma1.populationShare'];
  });
  assert.equal(printed(counted.auc, 6), '.716922');
});

test('B1 gives the printed per-sample separation', () => {
  const bank = { models, trainedOn: b1.bank.trainedOn, values: b1.bank.scaledConfidence };
  const { separation } = vulnerability(bank, 'perSample');
  assert.equal(mean(separation).toFixed(4), '0.7095');
  assert.equal(Math.max(...separation).toFixed(4), '3.3662');
});

test('B1 gives the printed hard and soft memorization, and their rank correlations', () => {
  const { trainedOn, scaledConfidence, loss } = b1.bank;
  const hard = subsampledMemorization(
    { models, trainedOn, values: scaledConfidence.map((phi) => (phi > 0 ? 1 : 0)) },
    'hard',
  );
  const soft = subsampledMemorization({ models, trainedOn, values: loss.map((value) => Math.exp(-value)) }, 'soft');
  // Differences of 32nds: exact up to the rounding of the mean.
  assert.ok(Math.abs(mean(hard.memorization) - 0.27359375) < 1e-12);
  assert.equal(Math.max(...hard.memorization), 0.78125);
  assert.equal(hard.memorization.filter((value) => value >= 0.25).length / pool, 0.485);
  assert.deepEqual([...hard.memorization.subarray(0, 3)], [0, 0.125, 0.0625]);
  assert.equal(mean(soft.memorization).toFixed(6), '0.198863');
  assert.equal(Math.max(...soft.memorization).toFixed(6), '0.597475');
  assert.equal(spearman(hard.memorization, soft.memorization).toFixed(3), '0.977');
  const all = fitLogistic(
    b1.rows,
    b1.labels,
    Array.from({ length: pool }, (_, i) => i),
  );
  // EL2N of a two-class model is sqrt(2) (1 - p_y): the factor does not change ranks.
  const el2n = Float64Array.from(
    { length: pool },
    (_, i) => 1 / (1 + Math.exp((2 * b1.labels[i] - 1) * margin(b1.rows, i, all))),
  );
  assert.equal(spearman(el2n, soft.memorization).toFixed(3), '0.912');
  assert.equal(all.length, columns);
});

test('the standard error of hard memorization stays below the worst case for 64 half models', () => {
  const { trainedOn, scaledConfidence } = b1.bank;
  const { standardError } = subsampledMemorization(
    { models, trainedOn, values: scaledConfidence.map((phi) => (phi > 0 ? 1 : 0)) },
    'hard',
  );
  assert.ok(Math.max(...standardError) <= 0.125 + 1e-12);
  assert.ok(Math.min(...standardError) > 0);
});
