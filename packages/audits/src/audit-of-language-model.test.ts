import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { auditRequest, type Report, report as reportSchema } from '@engram/contract';
import type { Bundle } from '@engram/domain';
import { type Engine, openEngine } from '@engram/engine';
import { createRandom } from '@engram/numeric';
import { prepareAudit } from './prepare.js';
import { readReport, readSampleTable } from './report/report-bundle.js';
import { vector } from './tasks/audit-rows.js';
import { randomTexts, storedLanguageModel } from './testing/made-language-model.js';
import { TaskBench } from './testing/task-bench.js';

/** A model that has seen one secret forty times and sixty texts of letters, audited from the request to the report. */
describe('an audit of a language model', () => {
  const random = createRandom(8);
  const secrets = Array.from({ length: 14 }, () => String(100 + random.integer(900)));
  const canaries = secrets.map((secret) => `the code is ${secret}.`);
  const repetitions = Int32Array.from(secrets, (_, i) => (i < 2 ? 40 : 0));
  const known = randomTexts(60, 1);
  let engine: Engine;
  let bench: TaskBench;
  let written: Bundle;
  let found: Report;
  before(async () => {
    engine = await openEngine({ device: 'cpu', mode: 'recorded' });
    bench = new TaskBench(async () => engine);
    const planted = canaries.flatMap((text, i) => new Array<string>(repetitions[i]).fill(text));
    const model = await storedLanguageModel(bench, engine, [...known, ...planted]);
    const datasets = {
      // The last text is too short to say anything of a model.
      members: await bench.storedDataset({ text: [...known, ''] }),
      nonMembers: await bench.storedDataset({ text: randomTexts(80, 2) }),
      canaries: await bench.storedDataset({ text: canaries, secret: secrets, repetitions: vector(repetitions) }),
    };
    const request = auditRequest.parse({
      data: { members: datasets.members.id, nonMembers: datasets.nonMembers.id, canaries: datasets.canaries.id },
      tests: {
        membership: {
          attacks: ['loss', 'calibratedLoss'],
          referenceModels: { count: 2, recipe: { epochs: 2, batchSize: 32 } },
        },
        extraction: {
          attacks: [
            { attack: 'prefixSuffix', prefixTokens: 12, suffixTokens: 4, maxRecords: 50 },
            { attack: 'exposure', length: 3, references: 100 },
          ],
        },
      },
    });
    written = await bench.runPlan(prepareAudit('aud_00000002', request, { model, datasets }));
    found = reportSchema.parse(readReport(written));
  });
  after(async () => {
    engine.close();
    await bench.store.close();
  });

  it('tells the texts it was trained on from others', () => {
    const [loss] = found.membership!.attacks;
    assert.ok(loss.auc.status === 'measured' && loss.auc.low > 0.6);
    assert.deepEqual(
      [found.membership!.referenceModels?.count, found.membership!.referenceModels?.accuracyIn],
      [2, null],
    );
  });

  it('puts a text without a token to score in the middle, and says so', () => {
    const { loss } = bench.ran.get('collect-token-signals')!.arrays;
    const sorted = Array.from(loss.data).sort((a, b) => a - b);
    const place = sorted.indexOf(loss.data[known.length]);
    assert.ok(Math.abs(place / sorted.length - 0.5) < 0.05, `${place} of ${sorted.length}`);
    assert.ok(found.membership!.limits.some((limit) => limit.endsWith('in the middle of the ranking: 1 of 141.')));
  });

  it('looks at as many texts of each side as asked for, at one stretch of each', () => {
    const { prefixSuffix } = found.extraction!;
    const excluded = prefixSuffix!.excluded;
    assert.equal(prefixSuffix!.controls, 50);
    assert.equal(prefixSuffix!.records + excluded['too short for a prefix and a suffix'], 50);
    assert.equal(excluded['left out at random above maxRecords'], 61 + 80 - 100);
    const { 'window.rows': rows, 'window.top': top } = bench.ran.get('collect-token-signals')!.arrays;
    assert.deepEqual([rows.shape, top.shape], [[100], [100, 4, 40]]);
  });

  it('shows planted secrets by their exposure, against the whole space, and those never planted near chance', () => {
    const exposure = found.extraction!.exposure!;
    assert.deepEqual([exposure.estimator, exposure.references], ['exact', 1000]);
    const [never, planted] = exposure.byRepetitions;
    assert.ok(never.exposureBits.status === 'measured' && never.exposureBits.value < 4);
    assert.ok(planted.exposureBits.status === 'measured' && planted.exposureBits.value > 6);
    assert.deepEqual([never.count, planted.count], [12, 2]);
  });

  it('shows no letter of a text beside what it masks or the request allows', () => {
    for (const { tokens, probabilities } of found.extraction!.prefixSuffix!.strips)
      assert.equal(tokens.length, probabilities.length);
    assert.deepEqual(found.reproduce.digests.canaries?.length, 64);
  });

  it('leaves a row for every judged text', () => {
    const table = readSampleTable(written);
    assert.equal(table.count, 141);
    assert.equal(table.row(60).controlQValue, null);
  });
});
