import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { classifier, dataset, onnxClassifier } from '../testing/made-resources.js';
import { itRefuses, nonMembers, settle } from '../testing/settle.js';

describe('deciding on unlearning difficulty', () => {
  itRefuses([
    [
      'difficulty of a model that cannot be trained',
      { model: onnxClassifier(), tests: { unlearningDifficulty: {} } },
      'ENG_ESTIMATOR_NOT_APPLICABLE',
      ['/tests/unlearningDifficulty'],
    ],
    [
      'difficulty of fewer than fifty members',
      { datasets: { members: dataset({ id: 'members', count: 49 }), nonMembers }, tests: { unlearningDifficulty: {} } },
      'ENG_INSUFFICIENT_SAMPLES',
      ['/data/members'],
    ],
    [
      'forget sets that leave nothing to retain',
      { tests: { unlearningDifficulty: { verify: { forgetSets: 8, size: 63 } } } },
      'ENG_INSUFFICIENT_SAMPLES',
      ['/tests/unlearningDifficulty/verify/size'],
    ],
    [
      'an estimator named twice',
      { tests: { unlearningDifficulty: { estimators: ['privacyLoss', 'privacyLoss'] } } },
      'ENG_REQUEST_INVALID',
      ['/tests/unlearningDifficulty/estimators/1'],
    ],
  ]);

  it('forgets five percent of the members, at least ten, and never more than half of them together', () => {
    const size = (count: number, forgetSets = 8) =>
      settle({
        tests: { unlearningDifficulty: { verify: { forgetSets } } },
        datasets: { members: dataset({ id: 'm', count }), nonMembers },
      }).difficulty!.verify!.size;
    assert.equal(size(1000), 50);
    assert.equal(size(200, 4), 10);
    assert.equal(size(100, 8), 6);
  });

  it('watches the training that was recorded, and else says that a surrogate is watched', () => {
    const recorded = settle({
      model: classifier({ checkpoints: Array.from({ length: 10 }, (_, i) => 5 * i) }),
      tests: { unlearningDifficulty: { verify: null } },
    });
    assert.deepEqual(
      [recorded.difficulty!.source, recorded.difficulty!.checkpoints, recorded.difficulty!.verify, recorded.notices],
      ['recordedTraining', 10, null, []],
    );
    const surrogate = settle({ tests: { unlearningDifficulty: {} } });
    assert.equal(surrogate.difficulty!.source, 'surrogateTraining');
    assert.ok(surrogate.notices.some((notice) => notice.includes('without checkpoints')));
  });
});
