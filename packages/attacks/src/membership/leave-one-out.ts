import { EngramError, type NdArray, type TypedArray } from '@engram/domain';
import { inclusionCountAuc, leaksMembership } from './inclusion-counts.js';
import type { MembershipSignals, ReferenceSignals } from './signals.js';
import { rowOf, targetOfBank } from './target-of-bank.js';

/** What is known of samples whatever the model: labels, what they show themselves, and which are set aside. */
type KnownOfSamples = Pick<MembershipSignals, 'labels' | 'calibration' | 'covariates'> & {
  /** Whether the models are regressions. */
  readonly target?: Pick<MembershipSignals['target'], 'squaredError'>;
};

/**
 * Signals with one model of a bank in the target's place and the others as references: the model swap control, and how a
 * bank of models is audited by itself. All that a reference leaves is there.
 *
 * A model trained on exactly the complement is left out. Masks balanced per sample would otherwise tell membership by
 * counting: a member of the target is in one model fewer of those that remain. Where the counts that remain still tell
 * membership apart, as with masks balanced otherwise, the bank is refused.
 *
 * @param bank signals of K models on n samples, with their masks.
 * @param model row of the bank to take as the target.
 * @param known of the samples. Samples set aside stay so only where this model did not train on them: for it the others
 *   are members.
 * @returns signals (views of the bank where its rows allow), and the model's own membership (n, 1 = trained on).
 * @throws ENG_REQUEST_INVALID no such row. ENG_ATTACK_NOT_APPLICABLE the masks leak membership.
 */
export function leaveOneOut(
  bank: ReferenceSignals,
  model: number,
  known: KnownOfSamples = {},
): { readonly signals: MembershipSignals; readonly membership: Uint8Array } {
  if (!Number.isInteger(model) || model < 0 || model >= bank.models)
    throw new EngramError('ENG_REQUEST_INVALID', `expected a model from 0 to ${bank.models - 1}, got ${model}`, {
      remedy: 'Name a row of the bank.',
    });
  const membership = rowOf(bank.trainedOn, bank.models, model).slice();
  const kept = Array.from({ length: bank.models }, (_, k) => k).filter(
    (k) => k !== model && !rowOf(bank.trainedOn, bank.models, k).every((mark, i) => mark !== membership[i]),
  );
  const reference = keepModels(bank, kept);
  refuseLeakingMasks(reference.trainedOn, kept.length, membership);
  const { labels, calibration, covariates, target: { squaredError } = {} } = known;
  const setAside = calibration?.map((mark, i) => Number(mark === 1 && membership[i] === 0));
  return {
    membership,
    signals: {
      ...(labels === undefined ? {} : { labels }),
      ...(setAside === undefined ? {} : { calibration: setAside }),
      ...(covariates === undefined ? {} : { covariates }),
      target: { ...targetOfBank(bank, model), ...(squaredError === undefined ? {} : { squaredError }) },
      reference,
    },
  };
}

function keepModels(bank: ReferenceSignals, kept: readonly number[]): ReferenceSignals {
  const { models, scaledConfidence, correct, topProbabilities, entropy, modifiedEntropy, margin, queryConfidence } =
    bank;
  const rows = <T extends TypedArray>(values: T): T => rowsOf(values, models, kept);
  const array = <T extends TypedArray>({ data, shape }: NdArray<T>): NdArray<T> => ({
    data: rows(data),
    shape: [kept.length, ...shape.slice(1)],
  });
  const under = Object.entries(bank.lossUnder ?? {}).map(([key, values]) => [key, array(values)]);
  const measured = Object.entries(bank.measured ?? {}).map(([key, values]) => [key, array(values)]);
  return {
    models: kept.length,
    trainedOn: rows(bank.trainedOn),
    loss: rows(bank.loss),
    ...(scaledConfidence === undefined ? {} : { scaledConfidence: rows(scaledConfidence) }),
    ...(correct === undefined ? {} : { correct: rows(correct) }),
    ...(topProbabilities === undefined ? {} : { topProbabilities: array(topProbabilities) }),
    ...(entropy === undefined ? {} : { entropy: rows(entropy) }),
    ...(modifiedEntropy === undefined ? {} : { modifiedEntropy: rows(modifiedEntropy) }),
    ...(margin === undefined ? {} : { margin: rows(margin) }),
    ...(queryConfidence === undefined ? {} : { queryConfidence: array(queryConfidence) }),
    ...(bank.lossUnder === undefined ? {} : { lossUnder: Object.fromEntries(under) }),
    ...(bank.measured === undefined ? {} : { measured: Object.fromEntries(measured) }),
  };
}

/** What a bank holds of some models: a view where they lie side by side, for banks are large. */
function rowsOf<T extends TypedArray>(values: T, models: number, kept: readonly number[]): T {
  const width = values.length / models;
  const [first = 0] = kept;
  if (kept.every((k, at) => k === first + at))
    return values.subarray(first * width, (first + kept.length) * width) as T;
  const gathered = new (values.constructor as new (length: number) => T)(kept.length * width);
  kept.forEach((k, at) => {
    gathered.set(rowOf(values, models, k), at * width);
  });
  return gathered;
}

function refuseLeakingMasks(trainedOn: Uint8Array, models: number, membership: Uint8Array): void {
  if (models === 0) return;
  const counts = inclusionCountAuc(trainedOn, models, membership);
  if (!leaksMembership(counts)) return;
  throw new EngramError(
    'ENG_ATTACK_NOT_APPLICABLE',
    `expected the number of reference models trained on a sample to say nothing of membership, got an AUC of ${counts.auc.toFixed(3)} from counts alone`,
    { remedy: 'Train the bank on complementary pairs of halves, or on an independent coin per sample and model.' },
  );
}
