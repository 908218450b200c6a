import { type DataDietScoreId, dataDietScoreIds, forgettingCount, meanOverRuns, mostSuspect } from '@engram/attacks';
import type { LabelReview } from '@engram/contract';
import type { Bundle } from '@engram/domain';

/** However many samples the share comes to, a report names no more. */
const mostListed = 100;

/** Where the members lie among the audit's rows, and what they are called. */
export interface ReviewedSamples {
  readonly ids: readonly string[];
  readonly datasets: readonly string[];
}

/**
 * Scores of the labels as they are, and the samples most in need of a second look.
 *
 * @param trained arrays `given.<score>` (runs, n), `label`, `given.votedLabel`, `given.voteShare` (n).
 * @param samples (n) in the order of the arrays.
 * @returns the list, and the score of every member (n), higher = more suspect; Infinity = never learned.
 */
export function labelReview(
  { arrays }: Bundle,
  samples: ReviewedSamples,
  choice: { readonly score: DataDietScoreId; readonly share: number; readonly count: number },
): { readonly review: LabelReview; readonly suspicion: Float64Array } {
  const n = samples.ids.length;
  const means = Object.fromEntries(
    dataDietScoreIds.map((score) => {
      const { data, shape } = arrays[`given.${score}`];
      const runs = Array.from({ length: shape[0] }, (_, run) => data.subarray(run * n, (run + 1) * n));
      return [score, meanOverRuns(runs)];
    }),
  ) as Record<DataDietScoreId, Float64Array>;
  const suspicion = means[choice.score];
  const listed = Array.from(mostSuspect(suspicion, Math.min(choice.count, mostListed)), (place) => ({
    sampleId: samples.ids[place],
    dataset: samples.datasets[place],
    label: arrays.label.data[place],
    votedLabel: arrays['given.votedLabel'].data[place],
    voteShare: arrays['given.voteShare'].data[place],
    score: forgettingCount(suspicion[place]),
    scores: Object.fromEntries(
      dataDietScoreIds.map((score) => [score, forgettingCount(means[score][place])]),
    ) as LabelReview['listed'][number]['scores'],
  }));
  return { review: { ...choice, listed }, suspicion };
}
