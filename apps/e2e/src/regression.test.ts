import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type AuditRequestInput, problem, type Report, type SampleRow } from '@engram/contract';
import { fittedLine, measurements, measurementsUpload } from './data/line.js';
import { type Client, succeed } from './harness/client.js';
import { type Service, startService } from './harness/service.js';

/** A reference model trained on half of those set aside: 200 must remain for quantile regression to learn from. */
const [count, width, setAside] = [120, 60, 440];
/** Every attack that reads what a regression tells. */
const attacks = ['lira', 'calibratedLoss', 'loss', 'quantile', 'gradientNorm', 'leverage', 'linearRegression'] as const;

let service: Service;
let client: Client;
let request: AuditRequestInput;
let report: Report;
let rows: readonly SampleRow[];
let page: string;

const parts = {
  members: [count, 1],
  nonMembers: [count, 2],
  calibration: [setAside, 3],
  population: [600, 4],
} as const;
const dataOf = (role: keyof typeof parts) => {
  const [size, seed] = parts[role];
  return measurements(size, seed, width);
};
const line = fittedLine(dataOf('members'));

before(async () => {
  service = await startService();
  client = service.client();
  const model = await client.uploadModel(line);
  assert.deepEqual(model.lastLayer, { width, head: 'linear', bias: false });
  const data: Record<string, string> = {};
  for (const role of Object.keys(parts) as (keyof typeof parts)[])
    data[role] = (await client.uploadDataset(measurementsUpload(role, dataOf(role)))).id;
  request = {
    name: 'a line',
    model: model.id,
    data,
    tests: { membership: { attacks: [...attacks], referenceModels: { count: 8 }, fpr: [0.1] } },
    seed: 5,
  };
  const { id } = await succeed(client, (await client.submit(request)).id);
  report = await client.report(id);
  rows = await client.samples(id);
  page = await (await client.send(`/v1/audits/${id}/report.html`)).text();
});
after(() => service?.stop());

/** y - f(x) of a row of the audit, computed here. */
function residual(i: number): number {
  const [role, at] = i < count ? (['members', i] as const) : (['nonMembers', i - count] as const);
  const { inputs, targets } = dataOf(role);
  return targets[at]! - line.weights.reduce((sum, weight, k) => sum + weight * inputs[at * width + k]!, 0);
}

describe('a line fitted to half as many numbers as it has weights', () => {
  it('is put to every attack that reads errors, and leaks', () => {
    assert.equal(report.verdict, 'leak', report.summary.join(' '));
    const { membership } = report;
    assert.deepEqual(membership?.skipped, []);
    assert.deepEqual(
      membership?.attacks.map(({ attack }) => attack),
      attacks,
    );
    for (const { attack, auc, ranks } of membership!.attacks)
      if (ranks === undefined)
        assert.ok(auc.status === 'measured' && auc.low > 0.5, `${attack}: ${JSON.stringify(auc)}`);
  });

  it('has the AUC that theory gives its squared errors', () => {
    const loss = report.membership!.attacks.find(({ attack }) => attack === 'loss')!.auc;
    // (2/pi) arctan of n / (n - p) = 2: 0.705, standard error 0.033.
    assert.ok(loss.status === 'measured' && Math.abs(loss.value - 0.705) < 4 * 0.033, JSON.stringify(loss));
  });

  it('has losses in squared units of the target, and gradients of twice the error', () => {
    assert.equal(rows.length, 2 * count + setAside);
    for (const i of [0, 7, count, 2 * count - 1]) {
      const error = residual(i);
      const { inputs } = dataOf(i < count ? 'members' : 'nonMembers');
      const at = (i % count) * width;
      const norm = 2 * Math.abs(error) * Math.hypot(...inputs.subarray(at, at + width));
      near(Number(rows[i]!.targetLoss), error ** 2);
      near(Number(rows[i]!.loss), -(error ** 2));
      near(Number(rows[i]!.gradientNorm), -norm);
    }
  });

  it('has a control in which a line that never saw the members finds nothing, for every attack it can run', () => {
    const controls = report.membership!.attacks.map(({ attack, control }) => [attack, control.status]);
    assert.deepEqual(
      controls.filter(([, status]) => status === 'measured').map(([attack]) => attack),
      ['lira', 'calibratedLoss', 'loss', 'quantile', 'gradientNorm'],
    );
  });

  it('is told what leverage ranks and that its AUC, far below a half, is no sign of safety', () => {
    const { attacks: results, limits } = report.membership!;
    const { ranks, auc } = results.find(({ attack }) => attack === 'leverage')!;
    assert.equal(ranks, 'vulnerability');
    assert.ok(auc.status === 'measured' && auc.high < 0.5, JSON.stringify(auc));
    assert.ok(limits.some((limit) => /^Not a test of membership: leverage\..*none of safety/.test(limit)));
    assert.match(page, /Below 0\.5: non-members rank above members.*No sign of a leak or of safety/s);
  });

  it('has a page that claims no accuracy of it or of its references', () => {
    const { accuracyMembers } = report.membership!.target;
    assert.equal(accuracyMembers.status, 'notMeasured');
    assert.match(page, /predicts numbers/);
    assert.doesNotMatch(page, /mean accuracy/);
  });

  it('is refused what only a classifier can answer, with what to ask instead', async () => {
    for (const attack of ['rmia', 'modifiedEntropy', 'noiseRobustness'] as const) {
      const asked = { ...request, tests: { membership: { attacks: [attack], referenceModels: { count: 8 } } } };
      const response = await client.post('/v1/audits?dryRun=true', asked);
      const told = problem.parse(await response.json());
      assert.deepEqual([response.status, told.code], [422, 'ENG_ATTACK_NOT_APPLICABLE'], attack);
      assert.match(told.remedy, /lira, quantile, gradientNorm, leverage and linearRegression/);
    }
  });
});

/** Answers of the model are float32. */
function near(actual: number, expected: number): void {
  assert.ok(Math.abs(actual - expected) < 1e-4 * (1 + Math.abs(expected)), `${actual} is not ${expected}`);
}
