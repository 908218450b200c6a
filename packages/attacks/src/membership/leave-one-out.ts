import { EngramError } from '@engram/domain';
import { inclusionCounts } from './requirements.js';
import type { MembershipSignals, ReferenceSignals } from './signals.js';

/**
 * Signals with one model of a bank in the target's place and the others as references: the model swap control, and how a
 * bank of models is audited by itself.
 *
 * A model trained on exactly the complement is left out. Masks balanced per sample would otherwise tell membership by
 * counting: a member of the target is in one model fewer of those that remain. Where the counts that remain still tell
 * membership apart, as with masks balanced otherwise, the bank is refused.
 *
 * @param bank losses (and scaled confidence) of K models on n samples, with their masks.
 * @param model row of the bank to take as the target.
 * @returns signals, and the target's membership (n, 1 = trained on).
 * @throws ENG_REQUEST_INVALID no such row. ENG_ATTACK_NOT_APPLICABLE the masks leak membership.
 */
export function leaveOneOut(
  bank: ReferenceSignals,
  model: number,
): { readonly signals: MembershipSignals; readonly membership: Uint8Array } {
  const n = bank.trainedOn.length / bank.models;
  if (!Number.isInteger(model) || model < 0 || model >= bank.models)
    throw new EngramError('ENG_REQUEST_INVALID', `expected a model from 0 to ${bank.models - 1}, got ${model}`, {
      remedy: 'Name a row of the bank.',
    });
  const row = <T extends Uint8Array | Float64Array>(values: T, k: number) => values.subarray(k * n, (k + 1) * n) as T;
  const membership = row(bank.trainedOn, model).slice();
  const kept = Array.from({ length: bank.models }, (_, k) => k).filter(
    (k) => k !== model && !row(bank.trainedOn, k).every((mark, i) => mark !== membership[i]),
  );
  const gather = (values: Float64Array) => {
    const gathered = new Float64Array(kept.length * n);
    kept.forEach((k, at) => {
      gathered.set(row(values, k), at * n);
    });
    return gathered;
  };
  const trainedOn = new Uint8Array(kept.length * n);
  kept.forEach((k, at) => {
    trainedOn.set(row(bank.trainedOn, k), at * n);
  });
  refuseLeakingMasks(trainedOn, kept.length, membership);
  const { scaledConfidence } = bank;
  return {
    membership,
    signals: {
      target: {
        loss: row(bank.loss, model).slice(),
        ...(scaledConfidence === undefined ? {} : { scaledConfidence: row(scaledConfidence, model).slice() }),
      },
      reference: {
        models: kept.length,
        trainedOn,
        loss: gather(bank.loss),
        ...(scaledConfidence === undefined ? {} : { scaledConfidence: gather(scaledConfidence) }),
      },
    },
  };
}

/**
 * How well the mere number of reference models trained on a sample tells members from non-members: AUC with ties as
 * half. 0.5 for masks drawn without regard to membership; anything else would let an attack read the answer off the
 * masks.
 *
 * @param trainedOn (models, n) 1 = trained on.
 * @param membership (n) 1 = member of the target.
 * @returns AUC in [0, 1] and its standard error under chance; NaN with one class only.
 */
export function inclusionCountAuc(
  trainedOn: Uint8Array,
  models: number,
  membership: Uint8Array,
): { readonly auc: number; readonly standardError: number } {
  const counts = inclusionCounts(trainedOn, models, membership.length);
  const members = new Float64Array(models + 1);
  const nonMembers = new Float64Array(models + 1);
  counts.forEach((count, i) => {
    (membership[i] === 1 ? members : nonMembers)[count] += 1;
  });
  const m = members.reduce((sum, value) => sum + value, 0);
  const o = membership.length - m;
  let wins = 0;
  let below = 0;
  for (let count = 0; count <= models; count += 1) {
    wins += members[count] * (below + nonMembers[count] / 2);
    below += nonMembers[count];
  }
  return { auc: wins / (m * o), standardError: Math.sqrt((m + o + 1) / (12 * m * o)) };
}

function refuseLeakingMasks(trainedOn: Uint8Array, models: number, membership: Uint8Array): void {
  if (models === 0) return;
  const { auc, standardError } = inclusionCountAuc(trainedOn, models, membership);
  if (!(Math.abs(auc - 0.5) > 4 * standardError)) return;
  throw new EngramError(
    'ENG_ATTACK_NOT_APPLICABLE',
    `expected the number of reference models trained on a sample to say nothing of membership, got an AUC of ${auc.toFixed(3)} from counts alone`,
    { remedy: 'Train the bank on complementary pairs of halves, or on an independent coin per sample and model.' },
  );
}
