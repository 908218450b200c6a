import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { finding, membershipReport } from '@engram/contract';
import type { Bundle, Json } from '@engram/domain';
import { createRandom } from '@engram/numeric';
import { gate } from '../testing/made-results.js';
import { TaskBench } from '../testing/task-bench.js';
import { vector } from './audit-rows.js';
import { referenceMask } from './reference-masks.js';

const side = 300;
const n = 2 * side;
const models = 8;
const membership = Uint8Array.from({ length: n }, (_, i) => Number(i < side));
const lossOf = (values: Float64Array) => values.map((phi) => Math.log1p(Math.exp(-phi)));

interface Made {
  /** By how many standard deviations training on a sample raises its confidence. */
  readonly gain: number;
  readonly attacks?: readonly string[];
  readonly references?: boolean;
  /** Whether every reference model says exactly what the target says. */
  readonly agreeing?: boolean;
  readonly clippedShare?: number;
  readonly referenceClippedShare?: number;
  readonly blind?: Bundle['meta'];
  /** (n) what the blind baseline made of the samples judged. */
  readonly blindScores?: Float64Array;
  readonly fpr?: readonly number[];
  /** Whether non-members are set aside too, as many as there are judged. */
  readonly calibration?: boolean;
  readonly certify?: { readonly fdr: number };
  readonly slices?: readonly string[];
  /** Losses at moments of training: theirs fall from twice to once what they are in the end. */
  readonly traces?: boolean;
}

/** Samples of different difficulty, a target trained on the members, and a bank trained on halves. */
async function score({ gain, attacks = ['lira', 'rmia', 'loss'], references = true, ...made }: Made) {
  const bench = new TaskBench();
  const random = createRandom(7);
  const rows = made.calibration === true ? n + side : n;
  const ease = Float64Array.from({ length: rows }, () => 3 * random.normal());
  const confidence = (trained: ArrayLike<number>) =>
    Float64Array.from(trained, (one, i) => ease[i % rows] + gain * one + random.normal());
  const target = confidence(Uint8Array.from({ length: rows }, (_, i) => Number(i < side)));
  const inputs: Record<string, string> = {
    members: await bench.dataset({ loss: vector(lossOf(target.slice(0, side))) }),
    nonMembers: await bench.dataset({ loss: vector(lossOf(target.slice(side, n))) }),
    signals: await bench.bundle(
      {
        loss: vector(lossOf(target)),
        scaledConfidence: vector(target),
        correct: vector(Uint8Array.from(target, (_, i) => Number(i < side))),
      },
      { clippedShare: made.clippedShare ?? 0, referenceClippedShare: made.referenceClippedShare ?? 0 },
    ),
    blind: await bench.bundle(
      made.blindScores === undefined
        ? {}
        : { rows: vector(Int32Array.from(membership, (_, i) => i)), scores: vector(made.blindScores) },
      {
        gate: gate('blindBaseline', 'pass') as unknown as Json,
        sharedGate: gate('sharedSamples', 'pass') as unknown as Json,
        shared: null,
        evidence: null,
        ...made.blind,
      },
    ),
    ...(made.calibration === true
      ? { calibration: await bench.dataset({ loss: vector(lossOf(target.slice(n))) }) }
      : {}),
  };
  if (made.traces) {
    const loss = lossOf(target);
    inputs['measure.000'] = await bench.bundle(
      { values: { data: Float64Array.of(...loss.map((nats) => 2 * nats), ...loss), shape: [2, n] } },
      { measure: { kind: 'lossTrace', params: {} } },
    );
  }
  for (let from = 0; references && from < models; from += 4) {
    const trainedOn = new Uint8Array(4 * rows);
    for (let i = 0; i < 4; i += 1) trainedOn.set(referenceMask(3, from + i, rows), i * rows);
    const scaledConfidence = made.agreeing
      ? Float64Array.from(trainedOn, (_, at) => target[at % rows])
      : confidence(trainedOn);
    const shape = [4, rows];
    inputs[`reference.00${from / 4}`] = await bench.bundle({
      trainedOn: { data: trainedOn, shape },
      loss: { data: lossOf(scaledConfidence), shape },
      scaledConfidence: { data: scaledConfidence, shape },
      correct: { data: trainedOn, shape },
    });
  }
  const chosen = attacks.map((attack) => ({ attack, scoreId: attack, params: {} }));
  const scored: Record<string, string> = {};
  for (const [i, attack] of chosen.entries()) {
    const { bundle } = await bench.run('score-attack', inputs, { attack, confidence: 0.95 });
    scored[`attack.00${i}`] = await bench.bundle(bundle.arrays, bundle.meta);
  }
  const { bundle, facts } = await bench.run(
    'score-membership',
    { ...inputs, ...scored },
    {
      attacks: chosen,
      skipped: [],
      fpr: made.fpr ?? [0.1, 0.05],
      certify: made.certify ?? null,
      slices: made.slices ?? [],
      confidence: 0.95,
      recipe: null,
    },
  );
  const findings = (bundle.meta.findings as unknown[]).map((one) => finding.parse(one));
  return { section: membershipReport.parse(bundle.meta.section), findings, bundle, facts };
}

describe('scoring membership', () => {
  it('finds a leak with calibrated attacks, and sets controls beside every number', async () => {
    const { section, findings } = await score({ gain: 2 });
    assert.equal(section.verdict, 'leak');
    const [lira, , loss] = section.attacks;
    const value = (one: typeof lira) => (one.auc.status === 'measured' ? one.auc.value : Number.NaN);
    // Training moves a sample by two deviations of its own noise, and by a third of the spread between samples.
    assert.ok(value(lira) > 0.85 && value(loss) < 0.75, `${value(lira)} ${value(loss)}`);
    assert.deepEqual(
      section.attacks.map(({ primary, referenceModels }) => [primary, referenceModels]),
      [
        [true, 8],
        [false, 8],
        [false, 0],
      ],
    );
    assert.deepEqual(
      section.gates.map(({ outcome }) => outcome),
      ['pass', 'pass', 'pass', 'pass'],
    );
    for (const { id, control } of findings) assert.equal(control.status, 'measured', id);
    const strongest = findings.find(({ id }) => id === 'membership.lira.tpr@0.05')!;
    assert.ok(strongest.control.status === 'measured' && strongest.control.low <= 0.05);
  });

  it('finds none where training leaves no trace, and claims nothing', async () => {
    const { section, findings } = await score({ gain: 0 });
    assert.notEqual(section.verdict, 'leak');
    assert.deepEqual(findings, []);
  });

  it('leaves one column per attack, and how vulnerable each sample is', async () => {
    const { bundle } = await score({ gain: 1 });
    assert.deepEqual(Object.keys(bundle.arrays).sort(), [
      'column.lira',
      'column.loss',
      'column.rmia',
      'column.targetLoss',
      'column.vulnerability',
      'column.vulnerabilityError',
    ]);
    for (const { data, shape } of Object.values(bundle.arrays)) assert.deepEqual([data.length, ...shape], [n, n]);
  });

  it('counts what references get right on what they were and were not trained on', async () => {
    const { referenceModels } = (await score({ gain: 1 })).section;
    assert.deepEqual([referenceModels?.count, referenceModels?.accuracyIn, referenceModels?.accuracyOut], [8, 1, 0]);
  });

  it('shows what ranks members beside what tests membership, and concludes from the tests alone', async () => {
    const { section, findings, bundle } = await score({
      gain: 2,
      attacks: ['cumulativeLoss', 'lira', 'loss'],
      traces: true,
    });
    const [ranking, ...tests] = section.attacks;
    assert.deepEqual(
      section.attacks.map(({ scoreId, ranks, primary }) => [scoreId, ranks, primary]),
      [
        ['cumulativeLoss', 'vulnerability', false],
        ['lira', undefined, true],
        ['loss', undefined, false],
      ],
    );
    // Members are those with little loss, so the ranking puts them last; that says nothing against a leak.
    assert.ok(ranking.auc.status === 'measured' && ranking.auc.high < 0.5);
    assert.equal(ranking.againstPrimary, null);
    assert.equal(
      section.limits.filter((limit) => limit.includes('Not a test of membership: cumulativeLoss')).length,
      1,
    );
    const alone = await score({ gain: 2, attacks: ['lira', 'loss'], traces: true });
    assert.deepEqual(
      [section.verdict, section.statement, section.gates, findings],
      [alone.section.verdict, alone.section.statement, alone.section.gates, alone.findings],
    );
    assert.deepEqual(
      tests.map(({ adjustedPValue }) => adjustedPValue),
      alone.section.attacks.map(({ adjustedPValue }) => adjustedPValue),
    );
    assert.ok('column.cumulativeLoss' in bundle.arrays);
  });

  it('concludes nothing of membership from rankings alone', async () => {
    const { section } = await score({ gain: 2, attacks: ['lossTraceIqr'], traces: true });
    assert.equal(section.verdict, 'inconclusive');
    assert.match(section.statement, /No test of membership was run/);
  });

  it('judges none of the samples set aside, and sets thresholds and a certified list on them', async () => {
    const { section, bundle } = await score({ gain: 4, calibration: true, certify: { fdr: 0.2 } });
    assert.deepEqual([section.members, section.nonMembers], [side, side]);
    assert.deepEqual(
      section.attacks[0].tprAtFpr.map(({ threshold }) => threshold),
      ['calibration', 'calibration'],
    );
    assert.ok(section.certified !== null && section.certified.count > 0);
    const marks = bundle.arrays['column.certifiedMember'].data as Float64Array;
    assert.equal(
      marks.subarray(0, n).reduce((sum, mark) => sum + mark, 0),
      section.certified.count,
    );
    assert.ok(marks.subarray(n).every(Number.isNaN) && marks.length === n + side);
  });

  it('certifies nobody when a gate failed, and says so', async () => {
    const failed = { gate: gate('blindBaseline', 'fail') as unknown as Json };
    const { section, bundle } = await score({ gain: 4, calibration: true, certify: { fdr: 0.2 }, blind: failed });
    assert.equal(section.certified, null);
    assert.equal(bundle.arrays['column.certifiedMember'], undefined);
    assert.ok(section.limits.some((limit) => /No list of members was certified: a gate failed/.test(limit)));
  });

  it('turns a blind warning into a failure unless an attack does better', async () => {
    const warned = { ...gate('blindBaseline', 'warn') };
    const outcomeOf = async (gain: number, informative: boolean) => {
      const scores = Float64Array.from(membership, (member, i) => (informative ? member : 0) + (i % 7) / 100);
      const made = { gate: warned as unknown as Json };
      const { section } = await score({ gain, blind: made, blindScores: scores });
      return [section.gates[0].outcome, section.verdict];
    };
    assert.deepEqual(await outcomeOf(3, false), ['warn', 'leak']);
    assert.deepEqual(await outcomeOf(3, true), ['fail', 'invalid']);
    assert.deepEqual(await outcomeOf(0, true), ['fail', 'invalid']);
  });

  it('shows the primary attack on parts of the samples, and how exposed single samples are', async () => {
    const { section } = await score({ gain: 2, slices: ['vulnerabilityDecile', 'label'] });
    assert.deepEqual([...new Set(section.slices?.slices.map(({ slice }) => slice))], []);
    // Deciles of 600 samples hold 60: fewer than fifty on a side.
    assert.equal(section.slices?.tooSmall, 10);
    assert.equal(section.vulnerability?.top.length, 20);
    assert.equal((await score({ gain: 2 })).section.slices, null);
  });

  it('leaves out what a bank that agrees exactly cannot show, and finishes', async () => {
    const { section } = await score({ gain: 2, attacks: ['lira', 'loss'], agreeing: true });
    assert.deepEqual([section.vulnerability, section.attacks.map(({ scoreId }) => scoreId)], [null, ['loss']]);
    assert.deepEqual(
      section.skipped.map(({ attack, code }) => [attack, code]),
      [['lira', 'ENG_SATURATED_OUTPUTS']],
    );
  });

  it('gives the same numbers again', async () => {
    assert.deepEqual(await score({ gain: 1 }), await score({ gain: 1 }));
  });

  it('lets the next attack stand in for the one named beforehand, and says so', async () => {
    const { section } = await score({ gain: 2, clippedShare: 0.2 });
    assert.deepEqual(
      section.skipped.map(({ attack, code }) => [attack, code]),
      [['lira', 'ENG_SATURATED_OUTPUTS']],
    );
    assert.deepEqual(
      section.attacks.map(({ scoreId, primary }) => [scoreId, primary]),
      [
        ['rmia', true],
        ['loss', false],
      ],
    );
    assert.ok(section.limits.some((limit) => limit.includes('rmia, the next in order, stands in')));
  });

  it('does not set confidences against references too many of which are clipped', async () => {
    const { section } = await score({ gain: 2, referenceClippedShare: 0.2 });
    assert.deepEqual(
      section.skipped.map(({ attack, code }) => [attack, code]),
      [['lira', 'ENG_SATURATED_OUTPUTS']],
    );
    assert.match(section.skipped[0].reason, /20\.0 % of the probabilities of the reference models/);
    assert.ok(section.limits.some((limit) => limit.startsWith('20.0 % of the probabilities of the reference models')));
  });

  it('reports an audit none of whose attacks can run, with the reasons', async () => {
    const { section, findings } = await score({ gain: 2, references: false, attacks: ['lira', 'rmia'] });
    assert.deepEqual([section.verdict, section.attacks, findings], ['inconclusive', [], []]);
    assert.deepEqual(
      section.skipped.map(({ attack }) => attack),
      ['lira', 'rmia'],
    );
    assert.deepEqual(
      section.gates.map(({ outcome }) => outcome),
      ['pass', 'pass', 'notRun', 'notRun'],
    );
  });

  it('is invalid when the blind baseline failed, whatever the attacks find', async () => {
    const failed = {
      gate: gate('blindBaseline', 'fail') as unknown as Json,
      shared: { exact: 3, near: null, calibration: 2 },
    };
    const { section, findings } = await score({ gain: 2, blind: failed });
    assert.equal(section.verdict, 'invalid');
    assert.deepEqual(
      findings.map(({ id }) => id),
      ['membership.gate.blindBaseline'],
    );
    for (const start of ['3 of the non-members equal a member', '2 of the samples set aside equal a judged one'])
      assert.ok(
        section.limits.some((limit) => limit.startsWith(start)),
        start,
      );
  });
});
