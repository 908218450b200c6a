import type { MemorizationDecisions, SubsetSize } from '../decisions.js';
import type { ResolvedAudit } from '../resources.js';
import type { Faults } from './faults.js';
import { keptWeights } from './kept-weights.js';

const pointer = '/tests/memorization/consistency';
/** Trained on fewer samples, a model says more about chance than about the samples. */
const fewestTrainedOn = 20;
/** Models of a size that, in the mean, leave a sample out: with fewer many samples are left out by none. */
const fewestHeldOut = 4;

type Asked = NonNullable<NonNullable<ResolvedAudit['request']['tests']['memorization']>['consistency']>;
type Bank = Pick<MemorizationDecisions, 'models' | 'from' | 'subsetFraction'>;

/** Settles how many models there are of each size, and refuses sizes that tell nothing of some samples, or of most. */
export function decideConsistency(
  audit: ResolvedAudit,
  { subsetFractions, models }: Asked,
  bank: Bank,
  faults: Faults,
): readonly SubsetSize[] {
  const sizes = [...subsetFractions]
    .sort((a, b) => a - b)
    .map((subsetFraction) =>
      subsetFraction === bank.subsetFraction
        ? { subsetFraction, models: bank.models, isBank: true }
        : // Halves come in complementary pairs.
          { subsetFraction, models: subsetFraction === 0.5 ? models + (models % 2) : models, isBank: false },
    );
  if (bank.from !== 'trained') {
    faults.add(
      'ENG_ATTACK_NOT_APPLICABLE',
      pointer,
      'the C-score trains models on subsets of several sizes, and here reference models were given, of one size',
      'Leave out consistency, or audit a model that can be trained here without giving reference models.',
    );
    return sizes;
  }
  refuseSmall(audit, sizes, faults);
  refuseUnseen(sizes, faults);
  refuseBeyondStorage(audit, sizes, bank, faults);
  return sizes;
}

function refuseSmall(audit: ResolvedAudit, [smallest]: readonly SubsetSize[], faults: Faults): void {
  const { classCount = 2 } = audit.model!.inspected;
  const rows = audit.members + audit.nonMembers + (audit.datasets.calibration?.inspected.count ?? 0);
  const fewest = Math.max(fewestTrainedOn, classCount);
  const size = Math.floor(smallest.subsetFraction * rows);
  if (size >= fewest) return;
  faults.add(
    'ENG_INSUFFICIENT_SAMPLES',
    `${pointer}/subsetFractions`,
    `${smallest.subsetFraction} of ${rows} samples are ${size}, and models of ${classCount} classes are trained on at least ${fewest}`,
    `Leave out shares below ${upToHundredths(fewest / rows)}, or give at least ${Math.ceil(fewest / smallest.subsetFraction - 1e-9)} samples.`,
  );
}

function refuseUnseen(sizes: readonly SubsetSize[], faults: Faults): void {
  for (const { subsetFraction, models, isBank } of sizes) {
    const needed = Math.ceil(fewestHeldOut / (1 - subsetFraction) - 1e-9);
    if (models >= needed) continue;
    faults.add(
      'ENG_INSUFFICIENT_SAMPLES',
      isBank ? '/tests/memorization/models' : `${pointer}/models`,
      `of ${models} models trained on ${subsetFraction} of the samples, only ${Number((models * (1 - subsetFraction)).toFixed(2))} leave out a sample in the mean, and ${fewestHeldOut} are needed`,
      `Ask for at least ${needed} models, or leave out the share ${subsetFraction}.`,
    );
  }
}

/** Their weights are kept beside those of the bank. */
function refuseBeyondStorage(audit: ResolvedAudit, sizes: readonly SubsetSize[], bank: Bank, faults: Faults): void {
  const { most, rule } = keptWeights(audit.model!);
  const more = sizes.reduce((sum, { models, isBank }) => sum + (isBank ? 0 : models), 0);
  // A bank too large by itself is refused by itself.
  if (bank.models > most || bank.models + more <= most) return;
  faults.add(
    'ENG_ATTACK_NOT_APPLICABLE',
    pointer,
    `${rule}, got a bank of ${bank.models} and ${more} of other sizes`,
    'Ask for fewer models per size, fewer sizes or a smaller bank.',
  );
}

function upToHundredths(fraction: number): number {
  return Math.ceil(100 * fraction - 1e-9) / 100;
}
