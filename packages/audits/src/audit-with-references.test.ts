import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type AuditRequestInput, auditRequest, type Report, report as reportSchema } from '@engram/contract';
import type { Bundle, StoredDataset, StoredModel } from '@engram/domain';
import { type Engine, openEngine } from '@engram/engine';
import { createRandom } from '@engram/numeric';
import { prepareAudit } from './prepare.js';
import { readReport, readSampleTable } from './report/report-bundle.js';
import { referenceMask } from './tasks/reference-masks.js';
import { classes, memorizingRecipe, storedClassifier } from './testing/made-classifier.js';
import { TaskBench } from './testing/task-bench.js';

const side = 5;
const members = 80;
const nonMembers = 60;
const judged = members + nonMembers;
const setAside = 40;

/** Pictures of noise whose labels are drawn at random: whoever gets one right has memorised it. */
function pictures(count: number, seed: number) {
  const random = createRandom(seed);
  return {
    input: {
      data: Float32Array.from({ length: count * side * side }, () => random.normal()),
      shape: [count, side, side],
    },
    label: { data: Int32Array.from({ length: count }, () => random.integer(classes)), shape: [count] },
  };
}
type Pictures = ReturnType<typeof pictures>;

/** Rows of members then non-members, as the audit orders them. */
function rowsOf({ input, label }: Pictures, rows: readonly number[]): Pictures {
  const width = side * side;
  return {
    input: {
      data: Float32Array.from(rows.flatMap((row) => [...input.data.subarray(row * width, (row + 1) * width)])),
      shape: [rows.length, side, side],
    },
    label: { data: Int32Array.from(rows, (row) => label.data[row]), shape: [rows.length] },
  };
}

const everything = pictures(judged, 1);
const indices = Array.from({ length: judged }, (_, i) => i);
const known = rowsOf(everything, indices.slice(0, members));
const unknown = rowsOf(everything, indices.slice(members));

describe('an audit with reference models', () => {
  let engine: Engine;
  let bench: TaskBench;
  let model: StoredModel;
  before(async () => {
    engine = await openEngine({ device: 'cpu', mode: 'recorded' });
    bench = new TaskBench(async () => engine);
    model = await storedClassifier(bench, engine, known);
  });
  after(() => engine.close());

  async function audit(
    membership: AuditRequestInput['tests']['membership'],
    datasets: Partial<Record<'members' | 'nonMembers' | 'calibration', StoredDataset>>,
    references: readonly StoredModel[] = [],
  ): Promise<{ found: Report; written: Bundle }> {
    const data = { members: 'dst_members01', nonMembers: 'dst_nonmember' };
    const request = auditRequest.parse({ data, tests: { membership } });
    bench.ran.clear();
    const written = await bench.runPlan(prepareAudit('aud_00000001', request, { model, datasets, references }));
    return { found: reportSchema.parse(readReport(written)), written };
  }

  const plain = async () => ({
    members: await bench.storedDataset(known, { classCount: classes }),
    nonMembers: await bench.storedDataset(unknown, { classCount: classes }),
  });

  describe('trained here, asked about augmented forms, with samples set aside', () => {
    let found: Report;
    let written: Bundle;
    before(async () => {
      const datasets = {
        ...(await plain()),
        calibration: await bench.storedDataset(pictures(setAside, 9), { classCount: classes }),
      };
      const attacks = ['lira', { attack: 'lira', queries: 2 }, { attack: 'lira', queries: 18 }] as const;
      ({ found, written } = await audit({ attacks: [...attacks], referenceModels: { count: 8 } }, datasets));
    });

    it('asks target and references about all forms at once', () => {
      const target = bench.ran.get('collect-signals')!.arrays.queryConfidence;
      const references = bench.ran.get('collect-reference-signals')!.arrays.queryConfidence;
      assert.deepEqual(target.shape, [18, judged + setAside]);
      assert.deepEqual(references.shape, [8, 18, judged + setAside]);
    });

    it('scores by one, two and eighteen forms, each with its control', () => {
      const ids = found.membership!.attacks.map(({ scoreId }) => scoreId);
      assert.deepEqual(ids, ['lira', 'lira-queries2', 'lira-queries18']);
      assert.deepEqual(found.membership!.skipped, []);
      for (const { scoreId, auc, control } of found.membership!.attacks) {
        // The forms are not what the model trained on, so they dilute what the sample itself shows.
        assert.ok(auc.status === 'measured' && auc.low > 0.5, scoreId);
        assert.ok(control.status === 'measured' && control.low <= 0.5 && control.high >= 0.5, scoreId);
      }
    });

    it('counts no rate on samples set aside, and sets thresholds on them where they are enough', () => {
      const { members: m, nonMembers: o, attacks } = found.membership!;
      assert.deepEqual([m, o], [members, nonMembers]);
      for (const { tprAtFpr, auc } of attacks) {
        assert.ok(auc.status === 'measured' && auc.n === judged);
        // 29 non-members can show a rate of 0.1.
        assert.deepEqual(
          tprAtFpr.map(({ fpr, threshold }) => [fpr, threshold]),
          [[0.1, 'calibration']],
        );
      }
    });

    it('has a row in the table for every sample, those set aside last', () => {
      const table = readSampleTable(written);
      assert.equal(table.count, judged + setAside);
      const last = table.row(table.count - 1);
      assert.deepEqual([last.dataset, last.member], ['calibration', 0]);
      assert.ok(Number.isFinite(last.lira));
    });
  });

  it('asks by default about the forms that training draws from', async () => {
    const recipe = { ...memorizingRecipe, augmentation: ['mirror' as const] };
    const { found } = await audit({ referenceModels: { count: 8, recipe } }, await plain());
    const { attacks, referenceModels } = found.membership!;
    assert.deepEqual(
      attacks.map(({ scoreId }) => scoreId).filter((id) => id.startsWith('lira')),
      ['lira-queries2'],
    );
    assert.deepEqual(bench.ran.get('collect-reference-signals')!.arrays.queryConfidence.shape, [8, 2, judged]);
    assert.deepEqual(referenceModels!.recipe.augmentation, ['mirror']);
  });

  it('gives attacks that learn what they ask for: probabilities of references, samples set aside, and what samples show', async () => {
    const datasets = {
      ...(await plain()),
      calibration: await bench.storedDataset(pictures(240, 9), { classCount: classes }),
    };
    const attacks = ['shadowClassifier', 'fusion', 'quantile'] as const;
    const { found } = await audit({ attacks: [...attacks], referenceModels: { count: 8 } }, datasets);
    const { attacks: ran, skipped } = found.membership!;
    assert.deepEqual(skipped, []);
    assert.deepEqual(
      ran.map(({ attack }) => attack),
      attacks,
    );
    for (const { auc, attack } of ran) assert.ok(auc.status === 'measured' && auc.n === judged, attack);
    const [shadow, fusion] = ran;
    for (const { auc, attack } of [shadow, fusion]) assert.ok(auc.status === 'measured' && auc.low > 0.6, attack);
  });

  describe('given as models', () => {
    let references: StoredModel[];
    let masks: Uint8Array[];
    before(async () => {
      masks = Array.from({ length: 4 }, (_, k) => referenceMask(5, k, judged));
      references = [];
      for (const mask of masks)
        references.push(
          await storedClassifier(
            bench,
            engine,
            rowsOf(
              everything,
              indices.filter((i) => mask[i] === 1),
            ),
          ),
        );
    });

    /** Members and non-members with the masks of four models. */
    const masked = async (marks: readonly Uint8Array[]) => {
      const field = (from: number, to: number) => ({
        data: Uint8Array.from(marks.flatMap((mark) => [...mark.subarray(from, to)])),
        shape: [marks.length, to - from],
      });
      const rest = { classCount: classes, referenceModels: marks.length };
      return {
        members: await bench.storedDataset({ ...known, referenceMember: field(0, members) }, rest),
        nonMembers: await bench.storedDataset({ ...unknown, referenceMember: field(members, judged) }, rest),
      };
    };
    const models = Array.from({ length: 4 }, (_, k) => `mdl_reference${k}`);

    it('finds members with them, trains none, and says where they are from', async () => {
      const { found } = await audit(
        { attacks: ['rmia', 'lira'], referenceModels: { models } },
        await masked(masks),
        references,
      );
      assert.equal(bench.ran.get('train-reference'), undefined);
      const { attacks, referenceModels, skipped } = found.membership!;
      assert.deepEqual(skipped, []);
      for (const { auc, scoreId } of attacks) assert.ok(auc.status === 'measured' && auc.low > 0.7, scoreId);
      assert.deepEqual([referenceModels!.count, referenceModels!.recipeFrom], [4, 'given']);
      assert.ok(referenceModels!.accuracyIn! > referenceModels!.accuracyOut! + 0.3);
    });

    it('uses them offline without masks, though they saw half of the samples', async () => {
      const { found } = await audit(
        { attacks: [{ attack: 'rmia', mode: 'offline' }], referenceModels: { models, trainedOn: 'none' } },
        await plain(),
        references,
      );
      const [{ auc, referenceModels }] = found.membership!.attacks;
      assert.ok(auc.status === 'measured' && auc.low > 0.6);
      assert.deepEqual([referenceModels, found.membership!.referenceModels!.accuracyIn], [4, null]);
    });

    it('refuses masks whose counts tell members, with the field, the AUC and the remedy', async () => {
      const members01 = Uint8Array.from(indices, (i) => Number(i < members));
      const { found } = await audit(
        { attacks: ['rmia', 'loss'], referenceModels: { models } },
        await masked([members01, members01, masks[2], masks[3]]),
        references,
      );
      const { skipped, attacks } = found.membership!;
      assert.deepEqual(
        attacks.map(({ scoreId }) => scoreId),
        ['loss'],
      );
      assert.deepEqual(
        skipped.map(({ attack, code }) => [attack, code]),
        [['rmia', 'ENG_ATTACK_NOT_APPLICABLE']],
      );
      assert.match(skipped[0].reason, /referenceMember .* AUC of 1\.000 .* alone\. Give reference models/);
    });
  });
});
