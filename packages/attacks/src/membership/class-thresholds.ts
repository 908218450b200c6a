import { argsort } from '@engram/numeric';
import { z } from 'zod';
import type { ReferenceSignals } from './signals.js';

/** The setting of attacks that can judge each class by a threshold of its own. */
export const perClass = z
  .boolean()
  .default(false)
  .describe(
    'Whether scores are told from a threshold of their class, found on reference models trained with and without samples of it.',
  );

/** What finding thresholds takes beside the scores of reference models. */
export const referencesOfClasses = [
  { signal: 'referenceOut', reads: 'loss', minimum: 1 },
  { signal: 'referenceIn', reads: 'loss', minimum: 1 },
] as const;

/**
 * Scores less the threshold of their class: the one that best tells apart, over reference models, samples of the class a
 * model was trained on from those it was not. So 0 means the same in every class. The audited samples' membership has no say.
 *
 * @param scores (n) of the target; higher = more member-like.
 * @param labels (n) class indices.
 * @param ofReferences (models, n) the same scores of reference models.
 * @returns (n) higher = more member-like. A class of which no threshold tells anything takes that of all classes.
 * @see Song and Mittal 2021, "Systematic Evaluation of Privacy Risks of Machine Learning Models": thresholds by class, from
 *   shadow training.
 */
export function aboveClassThreshold(
  scores: Float64Array,
  labels: Int32Array,
  ofReferences: Float64Array,
  trainedOn: ReferenceSignals['trainedOn'],
): Float64Array {
  const n = scores.length;
  const rowsOf = new Map<number, number[]>();
  ofReferences.forEach((_, at) => {
    const label = labels[at % n];
    const rows = rowsOf.get(label) ?? [];
    rows.push(at);
    rowsOf.set(label, rows);
  });
  const everywhere = bestThreshold(ofReferences, trainedOn) ?? 0;
  const ofClass = new Map(
    [...rowsOf].map(([label, rows]) => {
      const own = bestThreshold(
        Float64Array.from(rows, (at) => ofReferences[at]),
        Uint8Array.from(rows, (at) => trainedOn[at]),
      );
      return [label, own ?? everywhere];
    }),
  );
  return scores.map((score, i) => score - ofClass.get(labels[i])!);
}

/**
 * The threshold with the greatest difference of true and false positive rates, halfway between the scores it parts; the
 * highest of equals. Null where none does better than chance.
 */
function bestThreshold(scores: Float64Array, trainedOn: Uint8Array): number | null {
  const inside = trainedOn.reduce((sum, mark) => sum + mark, 0);
  const outside = trainedOn.length - inside;
  const order = argsort(scores).reverse();
  let [truly, falsely, best] = [0, 0, 0];
  let threshold: number | null = null;
  order.forEach((at, rank) => {
    truly += trainedOn[at];
    falsely += 1 - trainedOn[at];
    const next = order[rank + 1];
    if (next === undefined || scores[next] === scores[at]) return;
    // Rates by their common denominator: whole numbers, so that equals are equal.
    const gained = truly * outside - falsely * inside;
    if (gained <= best) return;
    best = gained;
    threshold = (scores[at] + scores[next]) / 2;
  });
  return threshold;
}
