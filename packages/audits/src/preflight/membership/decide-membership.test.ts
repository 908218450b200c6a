import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { StoredDataset } from '@engram/domain';
import { classifier, dataset, onnxClassifier } from '../../testing/made-resources.js';
import { type Given, itRefuses, members, settle } from '../../testing/settle.js';

describe('deciding on membership', () => {
  itRefuses([
    [
      'augmented forms of samples that are no images',
      { tests: { membership: { attacks: [{ attack: 'lira', queries: 2 }] } } },
      'ENG_ATTACK_NOT_APPLICABLE',
      ['/tests/membership/attacks/0'],
    ],
    [
      'a calibrated attack on a model that cannot be trained',
      { model: onnxClassifier(), tests: { membership: { attacks: ['loss', 'lira'] } } },
      'ENG_ATTACK_NOT_APPLICABLE',
      ['/tests/membership/attacks/1'],
    ],
    [
      'an attack named twice with the same parameters',
      { tests: { membership: { attacks: ['lira', { attack: 'lira', mode: 'online' }] } } },
      'ENG_REQUEST_INVALID',
      ['/tests/membership/attacks/1'],
    ],
    [
      'a false positive rate the non-members cannot show',
      { tests: { membership: { fpr: [0.1, 0.001] } } },
      'ENG_INSUFFICIENT_SAMPLES',
      ['/tests/membership/fpr/1'],
    ],
  ]);

  it('reports the rates the non-members can show, and says which they cannot', () => {
    const rates = (count: number) => {
      const { membership, notices } = settle({ datasets: { members, nonMembers: dataset({ id: 'n', count }) } });
      return [membership!.fpr, notices.filter((notice) => notice.includes('cannot show')).length];
    };
    // n >= ln 0.05 / ln(1 - fpr): 29, 299 and 2995.
    assert.deepEqual(rates(28), [[], 1]);
    assert.deepEqual(rates(29), [[0.1], 1]);
    assert.deepEqual(rates(299), [[0.1, 0.01], 1]);
    assert.deepEqual(rates(2995), [[0.1, 0.01, 0.001], 0]);
  });

  it('reports rates that samples set aside can show though the non-members cannot', () => {
    const few = dataset({ id: 'nonMembers', count: 100 });
    const rates = (calibration: StoredDataset | undefined) =>
      settle({ datasets: { members, nonMembers: few, ...(calibration === undefined ? {} : { calibration }) } })
        .membership!.fpr;
    assert.deepEqual(rates(undefined), [0.1]);
    assert.deepEqual(rates(dataset({ id: 'aside', count: 300 })), [0.1, 0.01]);
  });

  it('says that gamma does nothing where there is no population to count', () => {
    const idle = (given: Given, attack: object = { attack: 'rmia', gamma: 4 }) =>
      settle({ ...given, tests: { membership: { attacks: [attack] } } } as Given).notices.filter((notice) =>
        notice.includes('gamma has no effect'),
      );
    assert.match(idle({})[0] ?? '', /^rmia-gamma4: gamma has no effect: it counts samples of data\.population/);
    const population = dataset({ id: 'population', count: 50 });
    const nonMembers = dataset({ id: 'nonMembers', count: 100 });
    assert.deepEqual(idle({ datasets: { members, nonMembers, population } }), []);
    assert.deepEqual(idle({}, { attack: 'rmia' }), []);
  });

  it('takes named rates once each, highest first', () => {
    assert.deepEqual(settle({ tests: { membership: { fpr: [0.01, 0.1, 0.01] } } }).membership!.fpr, [0.1, 0.01]);
  });

  it('asks about as many forms as the most an attack wants, and says what they are worth untrained', () => {
    const pixels = (id: string) => dataset({ id, fields: { input: [6, 6, 1], label: [] } });
    const asked = (attacks: 'default' | readonly unknown[], augmentation: readonly string[] = []) =>
      settle({
        model: classifier({ inputs: [{ name: 'x', shape: [6, 6, 1], dtype: 'float32' }] }),
        datasets: { members: pixels('members'), nonMembers: pixels('nonMembers') },
        tests: { membership: { attacks, referenceModels: { recipe: { augmentation } } } } as Given['tests'],
      });
    const dilutes = (notices: readonly string[]) => notices.some((notice) => notice.includes('not trained on'));
    const both = asked([{ attack: 'lira', queries: 2 }, { attack: 'lira', queries: 18 }, 'lira']);
    assert.equal(both.membership!.queries, 18);
    assert.ok(both.notices.some((notice) => notice.includes('names no augmentation')));
    assert.equal(asked(['lira']).membership!.queries, 1);
    for (const [augmentation, queries, isDiluted] of [
      [['mirror'], 2, false],
      [['mirror'], 18, true],
      [['shift'], 2, true],
      [['mirror', 'shift'], 2, false],
      [['mirror', 'shift'], 18, false],
    ] as const)
      assert.equal(dilutes(asked([{ attack: 'lira', queries }], augmentation).notices), isDiluted);
    for (const [augmentation, queries] of [
      [[], 1],
      [['mirror'], 2],
      [['shift'], 1],
      [['shift', 'mirror'], 18],
    ] as const) {
      const { membership, notices } = asked('default', augmentation);
      assert.deepEqual([membership!.queries, dilutes(notices)], [queries, false]);
    }
  });
});
