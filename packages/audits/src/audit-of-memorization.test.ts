import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type AuditRequestInput, auditRequest, type Report, report as reportSchema } from '@engram/contract';
import type { Bundle, Measured } from '@engram/domain';
import { type Engine, openEngine } from '@engram/engine';
import { prepareAudit } from './prepare.js';
import { readReport, readSampleTable } from './report/report-bundle.js';
import { randomlyLabelled, storedClassifier } from './testing/made-classifier.js';
import { TaskBench } from './testing/task-bench.js';

const members = 100;
const nonMembers = 60;
const tests = 40;

const numberOf = (measured: Measured) => (measured.status === 'measured' ? measured.value : Number.NaN);

/** A network that knows 100 random labels by heart, and a bank of its like on random halves. */
describe('an audit of memorization', () => {
  let engine: Engine;
  let written: Bundle;
  let found: Report;
  let kinds: string[];
  let lastArm: Bundle;
  before(async () => {
    engine = await openEngine({ device: 'cpu', mode: 'recorded' });
    const bench = new TaskBench(async () => engine);
    const known = randomlyLabelled(members, 1);
    const datasets = {
      members: await bench.storedDataset(known, { classCount: 3 }),
      nonMembers: await bench.storedDataset(randomlyLabelled(nonMembers, 2), { classCount: 3 }),
      population: await bench.storedDataset(randomlyLabelled(tests, 3), { classCount: 3 }),
    };
    const request = auditRequest.parse({
      data: { members: datasets.members.id, nonMembers: datasets.nonMembers.id },
      tests: {
        membership: { attacks: ['lira', 'loss'], referenceModels: { count: 16 } },
        memorization: {
          onion: { removeFraction: 0.1 },
          consistency: { subsetFractions: [0.5, 0.25], models: 8 },
        },
      },
    } satisfies AuditRequestInput);
    const model = await storedClassifier(bench, engine, known);
    const prepared = prepareAudit('aud_00000001', request, { model, datasets });
    kinds = prepared.plan.tasks.map(({ kind }) => kind);
    written = await bench.runPlan(prepared);
    lastArm = bench.ran.get('train-without-exposed')!;
    found = reportSchema.parse(readReport(written));
  });
  after(() => engine.close());

  it('shares the bank of the membership test', () => {
    // Two groups of the bank, and one on quarters.
    assert.equal(kinds.filter((kind) => kind === 'train-reference').length, 3);
    const { bank, measure } = found.memorization!;
    assert.deepEqual([bank.models, bank.trainingSize, bank.subsetFraction, measure], [16, 80, 0.5, 'soft']);
    assert.deepEqual([bank.recipeFrom, bank.accuracyIn], ['manifest', found.membership!.referenceModels!.accuracyIn]);
  });

  it('says that the information which scores prove has no interval without retrained targets', () => {
    const { cmi } = found.membership!;
    assert.ok(cmi?.status === 'measured' && cmi.pairs === nonMembers && cmi.overRetrained?.status === 'notMeasured');
    assert.equal(cmi.overRetrained.code, 'ENG_NOT_REQUESTED');
    assert.match(cmi.overRetrained.reason, /tests\.membership\.retrainedTargets/);
  });

  it('finds that random labels are learned by heart, and by the audited model too', () => {
    const { verdict, members: of, nonMembers: others, target } = found.memorization!;
    assert.equal(verdict, 'leak');
    // Two of three labels are wrong without the sample.
    assert.ok(Math.abs(numberOf(of.mean) - 2 / 3) < 0.12, String(numberOf(of.mean)));
    assert.ok(numberOf(of.certified) > 0.3 && numberOf(of.certifiedMirrored) === 0);
    // The bank trains on half of each: non-members are memorised by it just as well.
    assert.ok(Math.abs(numberOf(of.mean) - numberOf(others.mean)) < 0.15);
    assert.ok(target.difference.status === 'measured' && target.difference.low > 0.3);
    assert.ok(target.nonMembers.status === 'measured' && target.nonMembers.low < 0.2);
    assert.ok(found.findings.some(({ id, severity }) => id === 'memorization.members@0.25' && severity === 'high'));
    assert.ok(found.summary.includes(found.memorization!.statement));
  });

  it('lists what is memorised most, each with its interval', () => {
    const { top, distribution } = found.memorization!;
    assert.equal(top.length, 20);
    top.forEach(({ memorization, dataset, trained, heldOut }, i) => {
      assert.ok(memorization.status === 'measured' && memorization.low <= memorization.value && dataset === 'members');
      assert.ok(i === 0 || numberOf(top[i - 1].memorization) >= memorization.value);
      assert.ok(Math.abs(trained - heldOut - memorization.value) < 1e-12);
    });
    const total = distribution.members.reduce((sum, share) => sum + share, 0);
    assert.ok(Math.abs(total - 1) < 1e-12);
  });

  it('counts pairs of influence beside those that chance gives, and names the strongest', () => {
    const { influence } = found.memorization!;
    assert.deepEqual([influence!.tests, influence!.measure], [tests, 'soft']);
    assert.ok(influence!.pairs > 0 && influence!.mirroredPairs > 0);
    for (const { influence: one, testId } of influence!.strongest)
      assert.ok(numberOf(one) >= 0.15 && Number(testId) < tests);
  });

  it('peels the onion beside a random removal of equal size', () => {
    const onion = found.memorization!.onion!;
    assert.deepEqual([onion.removed, onion.modelsPerArm, onion.compared], [10, 16, 80]);
    const { exposed, random, difference } = onion.newlyExposed;
    assert.ok(Math.abs(numberOf(exposed) - numberOf(random) - numberOf(difference)) < 1e-12);
    assert.equal(onion.utility.retrainSeeds, 5);
    assert.ok(numberOf(onion.utility.trainingAccuracy.exposed) > 0.9);
    assert.ok(numberOf(onion.utility.testAccuracy.random) < 0.55);
    // Random labels are learned by heart in part only, and nobody needs them to guess others.
    const { necessity, testAccuracyOverSamples } = onion.utility;
    assert.equal(necessity?.outcome, 'notClaimed');
    assert.match(necessity.statement, /Some retrained model gets only 9\d\.\d %/);
    assert.ok(numberOf(necessity.nearDuplicates) === 0 && necessity.leastTrainingAccuracy > 0.9);
    assert.ok(
      testAccuracyOverSamples !== undefined &&
        Math.abs(numberOf(testAccuracyOverSamples) - numberOf(onion.utility.testAccuracy.difference)) < 1e-12,
    );
    const shown = difference.status === 'measured' && difference.low > 0;
    assert.equal(onion.statement.startsWith('Deleting the exposed exposes others'), shown);
    assert.equal(
      found.findings.some(({ id }) => id.startsWith('memorization.onion')),
      shown,
    );
  });

  it('leaves out other random members for every seed, and as many', () => {
    const { data, shape } = lastArm.arrays.trainedOn;
    assert.deepEqual(shape, [5, members + nonMembers]);
    const masks = Array.from({ length: 5 }, (_, model) => [...data.subarray(model * shape[1], (model + 1) * shape[1])]);
    assert.ok(masks.every((mask) => mask.reduce((sum, mark) => sum + mark, 0) === members - 10));
    assert.ok(masks.every((mask) => mask.slice(members).every((mark) => mark === 0)));
    assert.equal(new Set(masks.map((mask) => mask.join(''))).size, 5);
  });

  it('averages consistency over sizes, of which one is the bank', () => {
    const { typicality, limits } = found.memorization!;
    const { mean: average, sizes, unscored } = typicality.cScore!;
    assert.deepEqual(
      sizes.map(({ subsetFraction, trainingSize, models, isBank }) => [subsetFraction, trainingSize, models, isBank]),
      [
        [0.25, 40, 8, false],
        [0.5, 80, 16, true],
      ],
    );
    // Random labels of three classes are guessed by whoever has not seen them: 1/3 of 160, within four standard errors.
    const chance = 4 * Math.sqrt(2 / 9 / 160);
    for (const { heldOutAccuracy, models } of sizes) {
      assert.ok(heldOutAccuracy.status === 'measured' && heldOutAccuracy.n === models);
      assert.ok(Math.abs(heldOutAccuracy.value - 1 / 3) < chance, String(heldOutAccuracy.value));
    }
    assert.ok(average.status === 'measured' && average.n === members + nonMembers - unscored && unscored < 3);
    assert.ok(Math.abs(average.value - 1 / 3) < chance);
    const { row } = readSampleTable(written);
    for (const i of [0, 99, 159]) {
      const { cScore, consistency, cScoreSe } = row(i);
      // The mean of the bank's share and one of quarters, which lies between 0 and 1.
      assert.ok(
        2 * Number(cScore) >= Number(consistency) - 1e-12 && 2 * Number(cScore) <= Number(consistency) + 1 + 1e-12,
      );
      assert.ok(Number(cScoreSe) > 0);
    }
    assert.ok(limits.every((limit) => !limit.includes('one size')));
  });

  it('leaves columns for every sample, and how they go together', () => {
    const { columns, row } = readSampleTable(written);
    for (const name of [
      'memorization',
      'memorizationSe',
      'consistency',
      'cScore',
      'cScoreSe',
      'agreement',
      'influence',
      'vulnerability',
    ])
      assert.ok(columns.includes(name), name);
    const first = row(0);
    assert.ok(Number(first.consistency) >= 0 && Number(first.agreement) > 1 / 3 && Number(first.memorizationSe) > 0);
    const correlations = found.memorization!.correlations;
    const between = (a: string, b: string) =>
      numberOf(correlations.find(({ first: one, second }) => one === a && second === b)!.measured);
    assert.ok(between('memorization', 'vulnerability') > 0.3);
    assert.ok(between('memorization', 'consistency') < -0.5);
    assert.ok(correlations.some(({ second }) => second === 'lira'));
  });
});
