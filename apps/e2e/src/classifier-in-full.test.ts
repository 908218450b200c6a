import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Audit, type AuditRequestInput, problem, type Report, type SampleRow } from '@engram/contract';
import type { Measured } from '@engram/domain';
import { parquetReadObjects } from 'hyparquet';
import { blobs, uploadOf } from './data/blobs.js';
import { trainedClassifier } from './data/classifier.js';
import { type Client, succeed } from './harness/client.js';
import { type Service, startService } from './harness/service.js';

// Every test a classifier can be put to, in one audit: shapes are those of images, so that they can be turned and shifted.
const count = 200;
const shape = [4, 4, 3];
const made = { width: 48, classes: 3 };
const trainedOn = blobs(count, 1, made);
/** Attacks of the catalog that are about other models than classifiers. */
const notForClassifiers = ['linearRegression'];
/** How often the classifier is trained anew from other seeds: enough to tell which flags reproduce. */
const trainings = 5;
/** The attack the second audit asks for besides. */
const late = 'base';

let service: Service;
let client: Client;
let request: AuditRequestInput;
let attacks: AttackEntry[];
let finished: Audit;
let report: Report;

type AttackEntry = Exclude<
  NonNullable<NonNullable<AuditRequestInput['tests']['membership']>['attacks']>,
  string
>[number];

before(async () => {
  service = await startService();
  client = service.client();
  const model = await client.uploadModel(trainedClassifier(trainedOn, { shape, checkpoints: [1, 10, 40, 120] }));
  const upload = async (name: string, size: number, seed: number) => {
    const samples = blobs(size, seed, made);
    return (await client.uploadDataset(uploadOf(name, samples, [size, ...shape]))).id;
  };
  request = {
    name: 'in full',
    model: model.id,
    data: {
      members: await upload('members', count, 1),
      nonMembers: await upload('non-members', count, 2),
      calibration: await upload('calibration', count, 3),
      population: await upload('population', 50, 4),
    },
    tests: {},
    seed: 5,
  };
});
after(() => service?.stop());

function withAttacks(chosen: AttackEntry[], retrained: number | null = trainings): AuditRequestInput {
  return {
    ...request,
    tests: {
      membership: {
        attacks: chosen,
        referenceModels: { count: 16 },
        fpr: [0.1],
        certify: { fdr: 0.2 },
        slices: true,
        retrainedTargets: retrained === null ? null : { count: retrained },
      },
      memorization: {},
      labelMemorization: {
        randomLabels: { corruption: [1], epochs: 20 },
        noisyLabels: { flip: 0.1, runs: 2 },
      },
    },
  };
}

function entryOf(id: string): AttackEntry {
  return (id === 'boundaryDistance' ? { attack: id, queries: 100 } : id) as AttackEntry;
}

describe('a classifier put to every test there is', () => {
  it('can be attacked by every attack of the capabilities but those for other models', async () => {
    const ids = (await client.capabilities()).membership.map(({ id }) => id);
    const refused: string[] = [];
    for (const id of ids) {
      // Retrained targets want one attack that reads what they leave, and not every attack does.
      const response = await client.post('/v1/audits?dryRun=true', withAttacks([entryOf(id)], null));
      const answer = await response.json();
      if (response.status === 200) continue;
      assert.equal(problem.parse(answer).code, 'ENG_ATTACK_NOT_APPLICABLE', JSON.stringify(answer));
      refused.push(id);
    }
    assert.deepEqual(refused, notForClassifiers);
    attacks = ids.filter((id) => !refused.includes(id) && id !== late).map(entryOf);
    // The attack named first is the one the list of certified members rests on.
    attacks.sort((a, b) => Number(b === 'lira') - Number(a === 'lira'));
    assert.ok(attacks.length >= 17, `${attacks.length}`);
  });

  it('gets a report of everything, in which the leak is found by most attacks', async () => {
    const submitted = await client.submit(withAttacks(attacks));
    finished = await succeed(client, submitted.id);
    report = await client.report(finished.id);
    assert.equal(report.verdict, 'leak', report.summary.join(' '));
    const { membership, memorization, labelMemorization } = report;
    assert.deepEqual(membership?.skipped, []);
    assert.deepEqual(
      membership?.attacks.map(({ attack }) => attack),
      attacks.map((entry) => (typeof entry === 'string' ? entry : entry.attack)),
    );
    const above = membership!.attacks.filter(({ auc }) => auc.status === 'measured' && auc.low > 0.5);
    assert.ok(above.length >= 12, above.map(({ scoreId }) => scoreId).join());
    assert.deepEqual(
      membership?.gates.map(({ gate, outcome }) => [gate, outcome === 'fail' || outcome === 'notRun']),
      ['blindBaseline', 'sharedSamples', 'modelSwap', 'splitHalf'].map((gate) => [gate, false]),
    );
    assert.ok(membership!.certified!.count > 0);
    assert.ok(membership!.slices!.slices.some(({ slice }) => slice === 'label'));
    assert.ok(membership!.vulnerability!.reliablyExposed > 0);
    assert.notEqual(membership?.traceability, undefined);
    assert.notEqual(membership?.cmi, undefined);
    assert.notEqual(memorization?.influence, null);
    assert.notEqual(labelMemorization?.randomLabels, null);
    assert.deepEqual(
      report.findings.filter(({ quantity }) => quantity === undefined).map(({ id }) => id),
      [],
    );
  });

  it('is trained anew from other seeds, to tell whom the attacks find in most of the trainings', () => {
    const { retrainedTargets } = report.membership!;
    assert.equal(retrainedTargets?.count, trainings);
    const leftOut = retrainedTargets!.leftOut.map(({ attack }) => attack);
    assert.deepEqual(
      retrainedTargets!.attacks.map(({ scoreId }) => scoreId),
      report.membership!.attacks.map(({ scoreId }) => scoreId).filter((scoreId) => !leftOut.includes(scoreId)),
    );
    assert.ok(leftOut.includes('gradientNorm') && leftOut.length < attacks.length, leftOut.join());
    for (const { scoreId, auc } of retrainedTargets!.attacks)
      assert.ok(auc.retrained.status === 'measured' && auc.retrained.n === trainings, scoreId);
    const [first] = retrainedTargets!.attacks;
    assert.equal(first?.scoreId, 'lira');
    assert.ok(first?.auc.retrained.status === 'measured' && first.auc.retrained.low > 0.6, JSON.stringify(first?.auc));
    const { flags } = retrainedTargets!;
    assert.ok(flags !== null && flags.reliablyExposed > 0, JSON.stringify(flags));
  });

  it('is told no number whose interval leaves it out', () => {
    const numbers = [...measuredIn(report)];
    assert.ok(numbers.length > 300, `${numbers.length}`);
    const amiss = numbers.filter(
      ({ at }) => !(at.low <= at.value && at.value <= at.high && [at.low, at.high].every(Number.isFinite)),
    );
    assert.deepEqual(amiss, []);
  });

  it('has a report page with a section for every test', async () => {
    const page = await (await client.send(`/v1/audits/${finished.id}/report.html`)).text();
    const anchors = [...page.matchAll(/<a href="#([\w-]+)">/g)].map(([, id]) => id!);
    for (const id of ['membership', 'memorization', 'label-memorization', 'reproduce']) {
      assert.ok(anchors.includes(id), `${id} of ${anchors}`);
      assert.match(page, new RegExp(`id="${id}"`));
    }
    for (const { scoreId } of report.membership!.attacks) assert.ok(page.includes(scoreId), scoreId);
  });

  it('has a table of samples with a column of every attack and test, the same in JSON and Parquet', async () => {
    const rows = await client.samples(finished.id);
    // Those judged, and those set aside.
    assert.equal(rows.length, 3 * count);
    const { columns } = report.samples;
    const expected = [
      ...report.membership!.attacks.map(({ scoreId }) => scoreId),
      'certifiedMember',
      'flaggedShare',
      'vulnerability',
      'memorization',
    ];
    for (const column of expected) {
      assert.ok(columns.includes(column), `${column} of ${columns}`);
      assert.ok(
        rows.some((row) => typeof row[column] === 'number'),
        column,
      );
    }
    assert.equal(rows.filter((row) => row.certifiedMember === 1).length, report.membership!.certified!.count);
    const response = await client.send(`/v1/audits/${finished.id}/samples`, {
      headers: { accept: 'application/vnd.apache.parquet' },
    });
    const parquet = await parquetReadObjects({ file: await response.arrayBuffer() });
    const values = (row: SampleRow | Record<string, unknown>) => columns.map((column) => row[column] ?? null);
    assert.deepEqual(parquet.map(values), rows.map(values));
  });

  it('is audited with one more attack without being asked or trained again', async () => {
    const more = withAttacks([...attacks, late]);
    assert.equal((await client.dryRun(more)).estimate.tasks, 3);
    const again = await succeed(client, (await client.submit(more)).id);
    assert.deepEqual(tasksRun(again.id), ['score-attack', 'score-membership', 'write-report']);
    const [enqueued] = service.logged('audit enqueued').filter(({ auditId }) => auditId === again.id);
    const ran = tasksRun(finished.id).length;
    if (enqueued !== undefined) assert.equal(enqueued.reused, ran - 2);
    const { membership } = await client.report(again.id);
    assert.deepEqual(
      membership?.attacks.map(({ scoreId, auc }) => [scoreId, auc]).slice(0, -1),
      report.membership!.attacks.map(({ scoreId, auc }) => [scoreId, auc]),
    );
    const [first, second] = [finished, again].map(secondsOf) as [number, number];
    console.log(
      `${ran} tasks in ${first.toFixed(1)} s; one more attack: 3 tasks in ${second.toFixed(1)} s, ${(first / second).toFixed(1)} times cheaper`,
    );
  });
});

/** Kinds of task that ran for an audit, in the order they began. */
function tasksRun(auditId: string): unknown[] {
  return service
    .logged('task started')
    .filter((entry) => entry.auditId === auditId)
    .map(({ kind }) => kind);
}

function secondsOf({ createdAt, finishedAt }: Audit): number {
  return (Date.parse(finishedAt!) - Date.parse(createdAt)) / 1000;
}

/** Every number of a document that has an interval, with where it stands. */
function* measuredIn(
  value: unknown,
  pointer = '',
): Generator<{ readonly pointer: string; readonly at: Extract<Measured, { status: 'measured' }> }> {
  if (typeof value !== 'object' || value === null) return;
  if ('status' in value && value.status === 'measured' && 'value' in value) yield { pointer, at: value as never };
  for (const [name, inner] of Object.entries(value)) yield* measuredIn(inner, `${pointer}/${name}`);
}
