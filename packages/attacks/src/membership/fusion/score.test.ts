import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EngramError } from '@engram/domain';
import { createRandom, normalCdf } from '@engram/numeric';
import { z } from 'zod';
import { parseAttackRequest } from '../attack-request.js';
import { benchmarkB1 } from '../b1-benchmark.js';
import { defineAttack } from '../define-attack.js';
import { leaveOneOut } from '../leave-one-out.js';
import { loss } from '../loss/index.js';
import type { MembershipSignals } from '../signals.js';
import { aucOf, aucOfEven } from '../toy-signals.js';
import { fusedScores } from './score.js';

/** Confidence as it is: with independent noise beside the loss, a second source. */
const confidence = defineAttack({
  id: 'confidence',
  paper: 'none',
  summary: 'For this test.',
  params: z.object({}),
  requires: () => [{ signal: 'scaledConfidence' }],
  score: ({ target }) => target.scaledConfidence!,
});

/** Minus the loss and the confidence are independent Gaussians of unit spread, moved by membership. */
function twoSources(n: number, models: number, lossLift: number, confidenceLift: number, seed: number) {
  const random = createRandom(seed);
  const trainedOn = new Uint8Array(models * n);
  for (let pair = 0; pair < models / 2; pair += 1)
    for (let i = 0; i < n; i += 1) trainedOn[(2 * pair + random.integer(2)) * n + i] = 1;
  const source = (marks: Uint8Array, lift: number) => Float64Array.from(marks, (mark) => lift * mark + random.normal());
  const membership = Uint8Array.from({ length: n }, (_, i) => 1 - (i % 2));
  const signals: MembershipSignals = {
    target: {
      loss: source(membership, lossLift).map((value) => -value),
      scaledConfidence: source(membership, confidenceLift),
    },
    reference: {
      models,
      trainedOn,
      loss: source(trainedOn, lossLift).map((value) => -value),
      scaledConfidence: source(trainedOn, confidenceLift),
    },
  };
  return signals;
}

const parts = [loss.plan(), confidence.plan()];

test('two independent sources fuse to the distance their squares add up to', () => {
  const scores = fusedScores(twoSources(2000, 8, 1, 1.5, 1), parts, 1);
  // Phi(sqrt(1 + 1.5^2) / sqrt 2) = 0.8988, the better source alone Phi(1.5 / sqrt 2) = 0.8556. Standard error 0.007.
  assert.ok(Math.abs(aucOfEven(scores) - normalCdf(Math.sqrt(3.25 / 2))) < 0.028, `${aucOfEven(scores)}`);
});

test('the log-odds are those of the two Gaussians, so weights are right and not only their order', () => {
  const signals = twoSources(2000, 8, 1, 1.5, 2);
  const { target } = signals;
  fusedScores(signals, parts, 1).forEach((score, i) => {
    // log ratio of N(d, 1) to N(0, 1) at x: d x - d^2 / 2. Weights from 16,000 outcomes have standard errors of 0.03.
    const truth = -target.loss![i] - 0.5 + 1.5 * target.scaledConfidence![i] - 1.125;
    assert.ok(Math.abs(score - truth) < 0.12 * (1 + Math.abs(target.loss![i]) + Math.abs(target.scaledConfidence![i])));
  });
});

test('a source that says nothing is given next to no weight', () => {
  const signals = twoSources(2000, 8, 1, 0, 3);
  const alone = aucOfEven(signals.target.loss!.map((value) => -value));
  assert.ok(Math.abs(aucOfEven(fusedScores(signals, parts, 1)) - alone) < 0.005);
});

test('weights are fixed before the target: its scores only depend on its own outputs', () => {
  const signals = twoSources(500, 8, 1, 1, 4);
  const scores = fusedScores(signals, parts, 1);
  const other = structuredClone(signals.target) as { loss: Float64Array; scaledConfidence: Float64Array };
  other.loss.fill(5, 1);
  other.scaledConfidence.fill(-5, 1);
  assert.equal(fusedScores({ ...signals, target: other }, parts, 1)[0], scores[0]);
});

test('a bank whose masks leak is refused', () => {
  const signals = twoSources(400, 8, 1, 1, 5);
  const random = createRandom(6);
  // In exactly 4 of 8 models, but not in pairs.
  const trainedOn = new Uint8Array(8 * 400);
  for (let i = 0; i < 400; i += 1) for (const k of random.sample(8, 4)) trainedOn[k * 400 + i] = 1;
  assert.throws(
    () => fusedScores({ ...signals, reference: { ...signals.reference!, trainedOn } }, parts, 1),
    (error: unknown) => error instanceof EngramError && error.code === 'ENG_ATTACK_NOT_APPLICABLE',
  );
});

test('masks that hold all samples or none teach nothing, and that is said', () => {
  const signals = twoSources(50, 8, 1, 1, 7);
  const trainedOn = Uint8Array.from({ length: 8 * 50 }, () => 0);
  assert.throws(
    () => fusedScores({ ...signals, reference: { ...signals.reference!, trainedOn } }, parts, 1),
    (error: unknown) => error instanceof EngramError && error.code === 'ENG_ATTACK_NOT_APPLICABLE',
  );
});

test('on B1 it is at least as good as the best of its parts, and far better than the loss', () => {
  const { bank } = benchmarkB1();
  const auc = (id: 'fusion' | 'loss' | 'lira' | 'rmia') => {
    const attack = parseAttackRequest(id);
    let sum = 0;
    for (let model = 0; model < 64; model += 8) {
      const { signals, membership } = leaveOneOut(bank, model);
      sum += aucOf(attack.score(signals, { seed: 1 }), membership) / 8;
    }
    return sum;
  };
  const [fused, byLoss, lira, rmia] = (['fusion', 'loss', 'lira', 'rmia'] as const).map(auc);
  // Paired over the same 8 targets: differences have a standard error of about 0.005.
  assert.ok(fused > Math.max(lira, rmia) - 0.01, `${fused} against ${lira} and ${rmia}`);
  assert.ok(fused > byLoss + 0.05, `${fused} against ${byLoss}`);
});

test('names its parts once each, at least two', () => {
  assert.equal(parseAttackRequest({ attack: 'fusion', of: ['loss', 'rmia'] }).requires.length, 4);
  for (const of of [['loss'], ['loss', 'loss'], ['loss', 'entropy']])
    assert.throws(
      () => parseAttackRequest({ attack: 'fusion', of }),
      (error: unknown) => error instanceof EngramError && error.code === 'ENG_REQUEST_INVALID',
    );
});

test('what is read inside the model adds to what its outputs say, by the weight reference models give it', () => {
  const n = 2000;
  const signals = twoSources(n, 8, 1, 1, 8);
  const random = createRandom(9);
  const key = 'lastLayerGradientNorm:{"order":2}';
  // Norms of their own noise, a deviation and a half less where a model trained on the sample.
  const norms = (marks: ArrayLike<number>, lift: number) =>
    Float64Array.from(marks, (mark) => 20 - lift * mark + random.normal());
  const membership = Uint8Array.from({ length: n }, (_, i) => 1 - (i % 2));
  const fusion = parseAttackRequest({ attack: 'fusion', of: ['loss', 'gradientNorm'] });
  const auc = (lift: number) => {
    const measured = { [key]: { data: norms(membership, lift), shape: [n] } };
    const ofReferences = { [key]: { data: norms(signals.reference!.trainedOn, lift), shape: [8, n] } };
    const scores = fusion.score(
      { target: { ...signals.target, measured }, reference: { ...signals.reference!, measured: ofReferences } },
      { seed: 1 },
    );
    return aucOfEven(scores);
  };
  // Phi(sqrt(1 + 1.5^2) / sqrt 2) = 0.8988 and Phi(1 / sqrt 2) = 0.7602. Standard errors 0.007 and 0.011.
  assert.ok(Math.abs(auc(1.5) - normalCdf(Math.sqrt(3.25 / 2))) < 0.028, `${auc(1.5)}`);
  assert.ok(Math.abs(auc(0) - normalCdf(Math.SQRT1_2)) < 0.044, `${auc(0)}`);
});
