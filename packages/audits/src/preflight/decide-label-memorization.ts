import type { LabelMemorizationDecisions } from '../decisions.js';
import { auditedRoles, type ResolvedAudit } from '../resources.js';
import { chooseRecipe } from './choose-recipe.js';
import type { Faults } from './faults.js';

const fewestMembers = 100;
/** Fewer flipped labels, or fewer left alone, and no score can be judged by them. */
const fewestFlipped = 10;
/** Predictions kept while models train, one per model, epoch and sample: some 50 bytes each. */
const mostPredictions = 25_000_000;
/** Samples seen in training times millions of parameters: about two hours at 100 GFLOP a second. */
const mostWork = 100_000_000;
const pointer = '/tests/labelMemorization';

export function decideLabelMemorization(
  audit: ResolvedAudit,
  faults: Faults,
  notices: string[],
): LabelMemorizationDecisions | null {
  const test = audit.request.tests.labelMemorization;
  if (test === undefined || !isApplicable(audit, faults)) return null;
  const { recipe } = chooseRecipe(audit);
  const { randomLabels, noisyLabels, reviewShare } = test;
  if (noisyLabels !== null) checkFlips(audit, noisyLabels.flip, faults);
  if (noisyLabels === null && test.earlyLearning)
    notices.push('No early-learning curve: it is read from the runs of noisyLabels, which were left out.');
  if (noisyLabels?.runs === 1)
    notices.push('One run with flipped labels has no spread: what is averaged over runs comes without an interval.');
  const decisions: LabelMemorizationDecisions = {
    randomLabels:
      randomLabels === null
        ? null
        : {
            corruption: [...new Set([0, ...randomLabels.corruption])].sort((a, b) => a - b),
            epochs: randomLabels.epochs ?? recipe.epochs,
            seeds: randomLabels.seeds,
          },
    noisyLabels: noisyLabels === null ? null : { ...noisyLabels, epochs: recipe.epochs },
    reviewShare,
    earlyLearning: noisyLabels !== null && test.earlyLearning,
  };
  const { randomLabels: random, noisyLabels: noisy } = decisions;
  if (random !== null) checkCost(audit, random.corruption.length * random.seeds, random.epochs, 'randomLabels', faults);
  if (noisy !== null) checkCost(audit, 2 * noisy.runs, noisy.epochs, 'noisyLabels', faults);
  return decisions;
}

function isApplicable(audit: ResolvedAudit, faults: Faults): boolean {
  const { model } = audit;
  const inMembers = audit.datasets.auditSet === undefined ? '/data/members' : '/data/auditSet';
  if (model === undefined || audit.target !== 'classifier' || !model.inspected.abilities.includes('train')) {
    const got = model === undefined ? 'no model' : `a ${model.inspected.kind} model for ${model.inspected.task}`;
    faults.add(
      'ENG_ESTIMATOR_NOT_APPLICABLE',
      pointer,
      `label memorization needs a classifier whose architecture can be trained here, got ${got}`,
      'Audit a TensorFlow.js layers classifier, or leave tests.labelMemorization out.',
    );
    return false;
  }
  if (model.inspected.classCount !== undefined && model.inspected.classCount < 2)
    faults.add(
      'ENG_ONE_CLASS_ONLY',
      pointer,
      `label memorization needs labels of two classes or more, the model knows ${model.inspected.classCount}`,
      'Audit a classifier of several classes, or leave tests.labelMemorization out.',
    );
  const label = audit.datasets[auditedRoles(audit.datasets)[0]]?.inspected.fields.label;
  if (label?.kind === 'numeric' && label.minimum === label.maximum)
    faults.add(
      'ENG_ONE_CLASS_ONLY',
      inMembers,
      `label memorization needs labels of two classes or more, all members have label ${label.minimum}`,
      'Give members of several classes.',
    );
  if (audit.members < fewestMembers)
    faults.add(
      'ENG_INSUFFICIENT_SAMPLES',
      inMembers,
      `label memorization needs at least ${fewestMembers} members, got ${audit.members}`,
      'Give more of the samples the model was trained on.',
    );
  return true;
}

function checkFlips(audit: ResolvedAudit, flip: number, faults: Faults): void {
  const flipped = Math.round(flip * audit.members);
  if (Math.min(flipped, audit.members - flipped) < fewestFlipped)
    faults.add(
      'ENG_INSUFFICIENT_SAMPLES',
      `${pointer}/noisyLabels/flip`,
      `expected at least ${fewestFlipped} labels to flip, got ${flipped} of ${audit.members} members`,
      `Flip at least ${Math.ceil((100 * fewestFlipped) / audit.members) / 100} of the labels, or give more members.`,
    );
}

function checkCost(
  audit: ResolvedAudit,
  models: number,
  epochs: number,
  what: 'randomLabels' | 'noisyLabels',
  faults: Faults,
): void {
  const predictions = models * epochs * (audit.members + audit.nonMembers);
  const work = (models * epochs * audit.members * audit.model!.inspected.parameterCount) / 1e6;
  if (predictions <= mostPredictions && work <= mostWork) return;
  const said = (value: number) => value.toLocaleString('en-US', { maximumFractionDigits: 0 });
  faults.add(
    'ENG_REQUEST_INVALID',
    `${pointer}/${what}`,
    `${models} models for ${epochs} epochs on ${said(audit.members)} members come to ${said(predictions)} predictions (at most ${said(mostPredictions)}) and ${said(work)} million weight updates seen by samples (at most ${said(mostWork)})`,
    `Ask for ${what === 'randomLabels' ? 'fewer levels, seeds or epochs' : 'fewer runs, or a recipe of fewer epochs'}, or give fewer members and non-members.`,
  );
}
