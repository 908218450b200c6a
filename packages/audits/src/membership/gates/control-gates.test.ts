import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type MembershipSignals, parseAttackRequest, type ReferenceSignals } from '@engram/attacks';
import { createRandom } from '@engram/numeric';
import { outputSignals } from '../../tasks/output-signals.js';
import { referenceMask } from '../../tasks/reference-masks.js';
import { keptSignals, stackSignals } from '../../tasks/reference-signals.js';
import { interval } from '../../testing/made-results.js';
import { modelSwapControl, modelSwapGate, splitHalfGate } from './control-gates.js';

const n = 400;
const membership = Uint8Array.from({ length: n }, (_, i) => Number(i < n / 2));

/** A bank and a target whose confidence is higher by `gain` on what they trained on. */
function signals(models: number, gain: number): MembershipSignals {
  const random = createRandom(5);
  const trainedOn = new Uint8Array(models * n);
  for (let model = 0; model < models; model += 1) trainedOn.set(referenceMask(9, model, n), model * n);
  const confidence = (member: number) => random.normal() + gain * member;
  const scaledConfidence = Float64Array.from(trainedOn, confidence);
  const target = Float64Array.from(membership, confidence);
  const lossOf = (values: Float64Array) => values.map((phi) => Math.log1p(Math.exp(-phi)));
  return {
    target: { loss: lossOf(target), scaledConfidence: target },
    ...(models === 0 ? {} : { reference: { models, trainedOn, loss: lossOf(scaledConfidence), scaledConfidence } }),
  };
}

const swap = (models: number, attack = 'lira') =>
  modelSwapControl(parseAttackRequest(attack), signals(models, 2), membership, 1, 0.95);

describe('the model swap', () => {
  it('finds nothing, since the model in the target’s place holds as many non-members as members', () => {
    const { auc, scores } = swap(8);
    assert.equal(scores?.length, n);
    assert.ok(auc.status === 'measured' && auc.low <= 0.5 && auc.high >= 0.5);
    assert.equal(modelSwapGate(auc, membership).outcome, 'pass');
  });

  it('is not run with fewer than four references, and says how many there were', () => {
    for (const [models, reason] of [
      [0, /no reference model was there/],
      [2, /with 2 reference models none can stand in/],
    ] as const) {
      const { auc, scores } = swap(models, 'loss');
      assert.equal(scores, null);
      assert.ok(auc.status === 'notMeasured' && reason.test(auc.reason));
      assert.equal(modelSwapGate(auc, membership).outcome, 'notRun');
    }
  });

  it('takes a given model that members and non-members are in alike, whatever the first was trained on', () => {
    const given = signals(8, 2);
    const { trainedOn } = given.reference!;
    const first = Uint8Array.from(trainedOn);
    first.set(membership, 0);
    const lira = parseAttackRequest({ attack: 'lira', mode: 'offline' });
    const { auc, scores } = modelSwapControl(
      lira,
      { ...given, reference: { ...given.reference!, trainedOn: first } },
      membership,
      1,
      0.95,
    );
    assert.equal(scores?.length, n);
    // Model 1 stands in: it was trained on a random half, as its mask says.
    assert.ok(auc.status === 'measured' && auc.low <= 0.5 && auc.high >= 0.5);
    const all = trainedOn.map((_, at) => membership[at % n]);
    const none = modelSwapControl(
      lira,
      { ...given, reference: { ...given.reference!, trainedOn: all } },
      membership,
      1,
      0.95,
    );
    assert.ok(none.auc.status === 'notMeasured' && /more of one side/.test(none.auc.reason));
  });

  it('is not run for an attack that reads what references do not keep', () => {
    for (const attack of ['modifiedEntropy', 'boundaryDistance']) {
      const { auc, scores } = swap(8, attack);
      assert.equal(scores, null);
      assert.ok(auc.status === 'notMeasured' && auc.code === 'ENG_ATTACK_NOT_APPLICABLE');
      assert.match(auc.reason, /cannot be run on a reference model .*expected/);
    }
  });
});

/**
 * Three classes told by logits, the label's higher by two nats where a model trained on the sample; three quarters of the rows
 * are non-members set aside, seen by references like the others.
 */
function ofClasses(models: number): MembershipSignals {
  const rows = 4 * n;
  const random = createRandom(11);
  const labels = Int32Array.from({ length: rows }, () => random.integer(3));
  const ease = Float64Array.from({ length: rows }, () => 2 * random.normal());
  const answers = (trained: ArrayLike<number>) => {
    const data = Float64Array.from({ length: 3 * rows }, (_, at) => {
      const i = Math.floor(at / 3);
      return random.normal() + (at % 3 === labels[i] ? ease[i] + 2 * trained[i] : 0);
    });
    return outputSignals({ data, shape: [rows, 3] }, 'logits', labels);
  };
  const masks = Array.from({ length: models }, (_, model) => referenceMask(9, model, rows));
  const kept = stackSignals(masks.map((mask) => keptSignals(answers(mask), labels)));
  const { loss, scaledConfidence, correct, entropy, modifiedEntropy, margin } = Object.fromEntries(
    Object.entries(kept).map(([name, { data }]) => [name, data]),
  );
  return {
    labels,
    calibration: Uint8Array.from(labels, (_, i) => Number(i >= n)),
    covariates: { data: ease, shape: [rows, 1] },
    target: answers(Uint8Array.from(labels, (_, i) => Number(i < n / 2))),
    reference: {
      models,
      trainedOn: Uint8Array.from(masks.flatMap((mask) => [...mask])),
      ...{ loss, scaledConfidence, correct, entropy, modifiedEntropy, margin },
      topProbabilities: kept.topProbabilities,
    } as ReferenceSignals,
  };
}

describe('the model swap of attacks that read the probability of every class', () => {
  const signals = ofClasses(8);
  for (const id of ['entropy', 'modifiedEntropy', 'quantile', 'shadowClassifier'])
    it(`${id} finds members in the target and nothing in a reference in its place`, () => {
      const attack = parseAttackRequest(id);
      const { auc, scores } = modelSwapControl(attack, signals, membership, 1, 0.95);
      assert.ok(auc.status === 'measured' && scores !== null, JSON.stringify(auc));
      assert.notEqual(modelSwapGate(auc, membership).outcome, 'fail');
      const found = attack.score(signals, { seed: 1 });
      const mean = (from: number) => found.subarray(from, from + n / 2).reduce((sum, score) => sum + score, 0);
      assert.ok(mean(0) > mean(n / 2));
      assert.notDeepEqual(scores, found.subarray(0, n));
    });

  it('is not run where so many of those set aside were trained on that too few are left to learn from', () => {
    const { calibration, ...rest } = signals;
    // 300 set aside, of which the reference in the target's place was trained on about half: fewer than 200 are left.
    const fewer = calibration!.map((mark, i) => Number(mark === 1 && i < n + 300));
    const { auc } = modelSwapControl(
      parseAttackRequest('quantile'),
      { ...rest, calibration: fewer },
      membership,
      1,
      0.95,
    );
    assert.ok(auc.status === 'notMeasured' && /at least 200 non-members set aside, got 1[0-9]{2}/.test(auc.reason));
  });
});

describe('judging a control', () => {
  // 417 on each side give a null standard error of sqrt(835 / (12 x 417^2)) = 0.0200; a miss becomes a failure at
  // 0.5 + 3.29 x 0.02 = 0.5658, however narrow the interval at the observed AUC is.
  const sides = new Uint8Array(834).fill(1, 0, 417);
  const outcome = (value: number) => modelSwapGate(interval(value, value - 0.0392, value + 0.0392), sides).outcome;

  it('passes while the interval holds one half, warns beyond, and fails at one in a thousand', () => {
    assert.deepEqual([0.5, 0.539, 0.54, 0.565, 0.567, 0.43].map(outcome), [
      'pass',
      'pass',
      'warn',
      'warn',
      'fail',
      'fail',
    ]);
  });
});

describe('the split half', () => {
  const random = createRandom(3);

  it('finds nothing between halves of the non-members, and does not look at members', () => {
    const scores = Float64Array.from(membership, () => random.normal());
    const gate = splitHalfGate(scores, membership, 1, 0.95);
    assert.equal(gate.outcome, 'pass');
    const other = scores.map((score, i) => (membership[i] === 1 ? 100 : score));
    assert.deepEqual(splitHalfGate(other, membership, 1, 0.95), gate);
  });

  it('passes when all scores are tied', () => {
    assert.equal(splitHalfGate(new Float64Array(n), membership, 1, 0.95).outcome, 'pass');
  });

  it('is not run with fewer than four non-members', () => {
    assert.equal(splitHalfGate(Float64Array.of(1, 2, 3), Uint8Array.of(1, 1, 0), 1, 0.95).outcome, 'notRun');
  });
});
