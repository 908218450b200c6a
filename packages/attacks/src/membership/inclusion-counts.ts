/** (n) how many models trained on each sample. */
export function inclusionCounts(trainedOn: Uint8Array, models: number, n: number): Int32Array {
  const counts = new Int32Array(n);
  for (let model = 0; model < models; model += 1) {
    const row = model * n;
    for (let i = 0; i < n; i += 1) counts[i] += trainedOn[row + i];
  }
  return counts;
}

/** How well inclusion counts tell members from non-members. */
export interface InclusionAuc {
  /** In [0, 1], ties as half; 0.5 = not at all. NaN with one class only. */
  readonly auc: number;
  /** Its standard error where counts know nothing. */
  readonly standardError: number;
}

/**
 * How well the mere number of reference models trained on a sample tells members from non-members: AUC with ties as
 * half. 0.5 for masks drawn without regard to membership; anything else would let an attack read the answer off the
 * masks.
 *
 * @param trainedOn (models, n) 1 = trained on.
 * @param membership (n) 1 = member of the target.
 * @returns NaN with one class only.
 */
export function inclusionCountAuc(trainedOn: Uint8Array, models: number, membership: Uint8Array): InclusionAuc {
  const counts = inclusionCounts(trainedOn, models, membership.length);
  const members = new Float64Array(models + 1);
  const nonMembers = new Float64Array(models + 1);
  counts.forEach((count, i) => {
    (membership[i] === 1 ? members : nonMembers)[count] += 1;
  });
  return inclusionHistogramAuc(members, nonMembers);
}

/**
 * The same from how many samples of either side 0, 1, … models were trained on.
 *
 * @param members (models + 1) samples by the number of models trained on them.
 * @param nonMembers (models + 1) likewise.
 */
export function inclusionHistogramAuc(members: ArrayLike<number>, nonMembers: ArrayLike<number>): InclusionAuc {
  let m = 0;
  let wins = 0;
  let below = 0;
  for (let count = 0; count < members.length; count += 1) {
    m += members[count];
    wins += members[count] * (below + nonMembers[count] / 2);
    below += nonMembers[count];
  }
  return { auc: wins / (m * below), standardError: Math.sqrt((m + below + 1) / (12 * m * below)) };
}

/** How far from 1/2 counts that know nothing may fall by chance, in standard errors: less than once in 10,000 banks. */
const chanceTolerance = 4;

/**
 * Whether masks would let an attack read membership off them: the AUC of their counts lies further from 1/2 than four
 * standard errors. With one class only there is nothing to tell apart, so no.
 */
export function leaksMembership({ auc, standardError }: InclusionAuc): boolean {
  return Math.abs(auc - 0.5) > chanceTolerance * standardError;
}
