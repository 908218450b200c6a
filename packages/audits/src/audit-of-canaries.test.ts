import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { type AuditRequestInput, auditRequest, type PrivacyBound, report } from '@engram/contract';
import type { NdArray } from '@engram/domain';
import { openEngine } from '@engram/engine';
import { createRandom } from '@engram/numeric';
import { prepareAudit } from './prepare.js';
import { readReport, readSampleTable } from './report/report-bundle.js';
import { takeRows, vector } from './tasks/audit-rows.js';
import { classes, randomlyLabelled, storedClassifier } from './testing/made-classifier.js';
import { TaskBench } from './testing/task-bench.js';

const bench = new TaskBench();
after(() => bench.store.close());

type Bounds = NonNullable<AuditRequestInput['tests']['privacyBounds']>;

/** Rows with recorded losses, and the report of bounds on what they give away. */
async function audit(loss: Float64Array, member: Uint8Array, tests: Bounds) {
  const members = member.reduce((sum, one) => sum + one, 0);
  const auditSet = await bench.storedDataset(
    { loss: vector(loss), member: vector(member) },
    { members, nonMembers: member.length - members },
  );
  const request = auditRequest.parse({ data: { auditSet: 'dst_00000001' }, tests: { privacyBounds: tests } });
  const prepared = prepareAudit('aud_00000001', request, { datasets: { auditSet } });
  const written = report.parse(readReport(await bench.runPlan(prepared)));
  return { written, section: written.privacyBounds!, notices: prepared.notices };
}

const coins = { inclusion: 'independentCoins' } as const;

/** Losses as randomised response would give them: the coin is told rightly with probability e^eps / (1 + e^eps). */
function randomisedResponse(n: number, epsilon: number, seed: number) {
  const random = createRandom(seed);
  const member = Uint8Array.from({ length: n }, () => Number(random.uniform() < 0.5));
  const right = 1 / (1 + Math.exp(-epsilon));
  const loss = Float64Array.from(member, (one) => {
    const told = random.uniform() < right ? one : 1 - one;
    return (told === 1 ? 0.1 : 2) + random.uniform();
  });
  return { loss, member };
}

const epsilonBy = (bounds: readonly PrivacyBound[], method: PrivacyBound['method']) => {
  const epsilon = bounds.find((bound) => bound.method === method)?.epsilon;
  return epsilon?.status === 'measured' ? epsilon.value : Number.NaN;
};

describe('an audit of canaries in one run', () => {
  it('bounds randomised response below its truth, and above 0, by every method that is a bound', async () => {
    const epsilon = 2;
    const { loss, member } = randomisedResponse(2000, epsilon, 1);
    const { section, written } = await audit(loss, member, { ...coins, guesses: { in: 400, out: 400 }, delta: 0 });
    for (const method of ['oneRun', 'bettingEProcess'] as const) {
      const bound = epsilonBy(section.bounds, method);
      assert.ok(bound > 1 && bound < epsilon, `${method} ${bound}`);
    }
    assert.deepEqual([section.verdict, written.verdict, section.included + section.leftOut], ['leak', 'leak', 2000]);
    assert.deepEqual(
      section.bounds.filter(({ primary }) => primary).map(({ method, kind, valid }) => [method, kind, valid]),
      [['oneRun', 'lowerBound', 'anyTraining']],
    );
    // At delta 0 a Gaussian mechanism has no epsilon.
    assert.equal(section.bounds.find(({ method }) => method === 'fDpOneRun')?.epsilon.status, 'notMeasured');
    assert.ok(section.bounds.every(({ method, valid }) => /Separation|Ratio/.test(method) === (valid === 'never')));
  });

  it('makes one claim, with the share of right guesses, and that of coins drawn anew beside it', async () => {
    const { loss, member } = randomisedResponse(1000, 3, 2);
    const { written, section } = await audit(loss, member, coins);
    const [finding, ...more] = written.findings;
    assert.deepEqual([finding.id, finding.severity, more.length], ['privacyBounds.oneRun.epsilon', 'high', 0]);
    assert.ok(finding.measured.status === 'measured' && finding.control.status === 'measured');
    assert.deepEqual([finding.quantity?.kind, finding.quantity?.chance], ['rate', 0.5]);
    assert.ok(finding.measured.value > 0.9 && finding.measured.low > 0.5 && finding.measured.high === 1);
    assert.ok(finding.control.low < 0.5 && finding.control.high > 0.5);
    // A tenth of the canaries on each side, unless said otherwise.
    assert.equal(section.bounds[0].details.guesses, 200);
    assert.equal(section.bounds[0].ceilings?.tprAtFpr[1].fpr, 0.01);
    assert.match(written.summary.join(' '), /Promise no epsilon below the bound/);
  });

  it('refutes a claim that is too small, and does not take one that stands for proof', async () => {
    const { loss, member } = randomisedResponse(1000, 3, 3);
    const refuted = (await audit(loss, member, { ...coins, claimedEpsilon: 1 })).section;
    assert.match(refuted.statement, /claim of epsilon 1 does not hold/);
    assert.equal(refuted.verdict, 'leak');
    const stands = (await audit(loss, member, { ...coins, claimedEpsilon: 3 })).section;
    assert.equal(stands.verdict, 'noLeakFound');
    assert.match(stands.statement, /not refuted.*never evidence of privacy/);
    const beyond = await audit(loss, member, { ...coins, claimedEpsilon: 8 });
    assert.equal(beyond.section.verdict, 'inconclusive');
    assert.ok(beyond.notices.some((notice) => /cannot refute epsilon 8/.test(notice)));
  });

  it('shows nothing of scores that know nothing, and says that this proves nothing', async () => {
    const { loss, member } = randomisedResponse(1000, 0, 4);
    const { section, written } = await audit(loss, member, {
      ...coins,
      guesses: {
        grid: [
          { in: 50, out: 50 },
          { in: 200, out: 200 },
        ],
      },
    });
    assert.deepEqual([section.verdict, written.findings.length], ['inconclusive', 0]);
    assert.equal(epsilonBy(section.bounds, 'oneRun'), 0);
    assert.match(section.statement, /never evidence of privacy/);
  });

  it('leaves samples set aside to calibrate on out of the guesses', async () => {
    const { loss, member } = randomisedResponse(300, 2, 8);
    const included = member.reduce((sum, one) => sum + one, 0);
    const datasets = {
      auditSet: await bench.storedDataset(
        { loss: vector(loss), member: vector(member) },
        { members: included, nonMembers: 300 - included },
      ),
      // Losses lower than any canary's: guessed included first, if they were among the canaries.
      calibration: await bench.storedDataset({ loss: vector(new Float64Array(50).fill(0.01)) }),
    };
    const request = auditRequest.parse({
      data: { auditSet: 'dst_00000001', calibration: 'dst_00000002' },
      tests: { privacyBounds: coins },
    });
    const bundle = await bench.runPlan(prepareAudit('aud_00000003', request, { datasets }));
    const { privacyBounds } = readReport(bundle);
    assert.deepEqual([privacyBounds?.included, privacyBounds?.leftOut], [included, 300 - included]);
    assert.equal(privacyBounds?.bounds[0].details.canaries, 300);
    assert.equal(readSampleTable(bundle).row(349).canaryScore, null);
  });

  it('gives the same report again, and the scores as a column of the table', async () => {
    const { loss, member } = randomisedResponse(500, 2, 5);
    const [one, again] = [await audit(loss, member, coins), await audit(loss, member, coins)];
    assert.deepEqual(one.written, again.written);
    assert.ok(one.written.samples.columns.includes('canaryScore'));
  });
});

describe('an audit of a classifier trained with canaries', () => {
  it('bounds what it gives away above 0, by its loss and by its gradients', async () => {
    const engine = await openEngine({ device: 'cpu', mode: 'recorded' });
    try {
      const bench = new TaskBench(async () => engine);
      // Random labels: each sample is a canary, and only those whose coin fell for them are trained on.
      const { input, label } = randomlyLabelled(240, 5);
      const random = createRandom(6);
      const coin = Uint8Array.from({ length: 240 }, () => Number(random.uniform() < 0.5));
      const included = coin.reduce((sum, one) => sum + one, 0);
      const trainedOn = <T extends Float32Array | Int32Array>(array: NdArray<T>) =>
        takeRows(
          array,
          [...coin.keys()].filter((row) => coin[row] === 1),
        );
      const model = await storedClassifier(bench, engine, { input: trainedOn(input), label: trainedOn(label) });
      const counts = { classCount: classes, members: included, nonMembers: 240 - included };
      const auditSet = await bench.storedDataset({ input, label, member: vector(coin) }, counts);
      for (const score of ['loss', 'gradientNorm'] as const) {
        const tests = { privacyBounds: { ...coins, score, guesses: { in: 40, out: 40 } } };
        const request = auditRequest.parse({ model: 'mdl_00000001', data: { auditSet: 'dst_00000001' }, tests });
        const prepared = prepareAudit('aud_00000002', request, { model, datasets: { auditSet } });
        const { privacyBounds } = report.parse(readReport(await bench.runPlan(prepared)));
        const bound = epsilonBy(privacyBounds!.bounds, 'oneRun');
        assert.ok(bound > 0.5, `${score} ${bound}`);
        assert.equal(privacyBounds!.verdict, 'leak');
        assert.notEqual(privacyBounds!.gates[0].outcome, 'fail');
      }
    } finally {
      await engine.close();
    }
  });
});

describe('an audit of independent trainings', () => {
  const trials = { design: 'independentTrials' } as const;

  it('bounds a Gaussian mechanism by its own curve more tightly than without one, and below the truth', async () => {
    const random = createRandom(6);
    const member = Uint8Array.from({ length: 2000 }, (_, i) => i % 2);
    const mu = 2;
    const loss = Float64Array.from(member, (one) => 10 - random.normal() - mu * one);
    const { section } = await audit(loss, member, { ...trials, threshold: -9 });
    const [plain, gaussian] = [epsilonBy(section.bounds, 'clopperPearson'), epsilonBy(section.bounds, 'gaussian')];
    // epsilon(mu = 2, delta = 1e-5) is 9.997.
    assert.ok(plain > 1 && gaussian > plain && gaussian < 9.997, `${plain} ${gaussian}`);
    assert.equal(section.bounds[1].valid, 'gaussianMechanisms');
    const bayesian = section.bounds[2].epsilon;
    assert.ok(bayesian.status === 'measured' && bayesian.direction === 'interval' && bayesian.low > plain);
    assert.deepEqual(section.gates, []);
  });

  it('chooses a threshold on half of the trials and counts on the others', async () => {
    const random = createRandom(7);
    const member = Uint8Array.from({ length: 400 }, (_, i) => i % 2);
    const loss = Float64Array.from(member, (one) => 5 + random.normal() - 6 * one);
    const { section } = await audit(loss, member, trials);
    const { positives, negatives } = section.bounds[0].details;
    assert.deepEqual([positives, negatives, section.verdict], [100, 100, 'leak']);
    // 0 or 1 errors of 100 a side: ln(0.96 / 0.036) = 3.3 at most.
    const bound = epsilonBy(section.bounds, 'clopperPearson');
    assert.ok(bound > 2.5 && bound < 3.3, `${bound}`);
  });
});
