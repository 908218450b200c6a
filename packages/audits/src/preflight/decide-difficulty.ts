import {
  type AvailableForDifficulty,
  missingDifficultyRequirements,
  type PlannedEstimator,
  parseEstimatorRequest,
  thinDifficultyRequirements,
} from '@engram/attacks';
import type { StoredModel } from '@engram/domain';
import type { DifficultyDecisions } from '../decisions.js';
import type { ResolvedAudit } from '../resources.js';
import type { Faults } from './faults.js';

/** Moments of training recorded when the recipe is run again: twelve, spaced by logarithm, rank almost as well as all. */
const defaultCheckpoints = 12;
const fewestMembers = 50;
const smallestForgetSet = 10;
/** Forget sets may take at most this share of the members together, so that something is left to retain. */
const largestShareForgotten = 0.5;

export function decideDifficulty(audit: ResolvedAudit, faults: Faults, notices: string[]): DifficultyDecisions | null {
  const test = audit.request.tests.unlearningDifficulty;
  if (test === undefined) return null;
  const pointer = '/tests/unlearningDifficulty';
  const { model } = audit;
  const hasWeights = model?.inspected.kind === 'tfjs-layers' && model.inspected.abilities.includes('weights');
  if (model === undefined || !hasWeights || audit.target !== 'classifier') {
    const got = model === undefined ? 'no model' : describeTarget(model);
    faults.add(
      'ENG_ESTIMATOR_NOT_APPLICABLE',
      pointer,
      `unlearning difficulty needs a classifier whose weights can be trained further here, got ${got}`,
      'Audit a TensorFlow.js layers model, or leave tests.unlearningDifficulty out.',
    );
    return null;
  }
  if (audit.members < fewestMembers) {
    faults.add(
      'ENG_INSUFFICIENT_SAMPLES',
      audit.datasets.auditSet === undefined ? '/data/members' : '/data/auditSet',
      `unlearning difficulty needs at least ${fewestMembers} members, got ${audit.members}`,
      'Give more of the samples the model was trained on.',
    );
    return null;
  }
  const recorded = model.inspected.checkpoints?.length ?? 0;
  const source = recorded > 0 ? 'recordedTraining' : 'surrogateTraining';
  const checkpoints = recorded > 0 ? recorded : defaultCheckpoints;
  if (source === 'surrogateTraining')
    notices.push(
      'The model came without checkpoints of its training, so its recipe is run once more and that run is watched: ranks agree closely with the real run, magnitudes need not.',
    );
  const estimators = parseEstimators(test.estimators, checkpoints, `${pointer}/estimators`, faults, notices);
  return {
    estimators: estimators.map(({ estimator, scoreId, params }) => ({ attack: estimator, scoreId, params })),
    source,
    checkpoints,
    verify: test.verify === null ? null : forgetSets(audit, test.verify, faults),
  };
}

function describeTarget({ inspected: { kind, task, output } }: StoredModel): string {
  return `a ${kind} model for ${task}${output.meaning === 'labels' ? ' that tells labels alone' : ''}`;
}

function parseEstimators(
  entries: readonly unknown[],
  moments: number,
  pointer: string,
  faults: Faults,
  notices: string[],
): PlannedEstimator[] {
  const available: AvailableForDifficulty = {
    trajectory: { moments, signals: ['loss', 'gradientNorm', 'el2n', 'correct'] },
    finalModel: ['loss', 'gradientNorm', 'el2n'],
  };
  const seen = new Set<string>();
  return entries.flatMap((entry, i) => {
    const at = `${pointer}/${i}`;
    const planned = faults.gather(at, () => parseEstimatorRequest(entry, at));
    if (planned === undefined) return [];
    if (seen.has(planned.scoreId)) {
      faults.add(
        'ENG_REQUEST_INVALID',
        at,
        `${planned.scoreId} is named twice with the same parameters`,
        'Name each estimator once, or with other parameters.',
      );
      return [];
    }
    seen.add(planned.scoreId);
    const [missing] = missingDifficultyRequirements(planned.requires, available);
    if (missing !== undefined) {
      faults.add('ENG_ESTIMATOR_NOT_APPLICABLE', at, `${planned.scoreId}: ${missing.message}`, missing.remedy);
      return [];
    }
    for (const thin of thinDifficultyRequirements(planned.requires, available))
      notices.push(`${planned.scoreId}: ${thin.message}.`);
    return [planned];
  });
}

type Verify = NonNullable<NonNullable<ResolvedAudit['request']['tests']['unlearningDifficulty']>['verify']>;

function forgetSets(audit: ResolvedAudit, verify: Verify, faults: Faults): DifficultyDecisions['verify'] {
  const { method, forgetSets: sets, retrainSeeds, epochs } = verify;
  const most = Math.floor((largestShareForgotten * audit.members) / sets);
  const size = verify.size ?? Math.min(most, Math.max(smallestForgetSet, Math.round(0.05 * audit.members)));
  if (size > most || size < 1)
    faults.add(
      'ENG_INSUFFICIENT_SAMPLES',
      `/tests/unlearningDifficulty/verify/${verify.size === undefined ? 'forgetSets' : 'size'}`,
      `${sets} forget sets of ${Math.max(1, size)} members need at least ${Math.ceil((sets * Math.max(1, size)) / largestShareForgotten)} members, got ${audit.members}`,
      'Ask for fewer or smaller forget sets.',
    );
  return { method, forgetSets: sets, size, retrainSeeds, epochs };
}
