import { retrainTolerance, stepsToRetrainLevel } from '@engram/attacks';
import type { DifficultyReport } from '@engram/contract';
import type { Bundle, Json, Measured } from '@engram/domain';
import { bootstrapInterval, newcombeDifference, spearmanWithInterval } from '@engram/metrics';
import { deriveSeed, mean, median, spearman } from '@engram/numeric';
import { meanInterval } from './mean-interval.js';

type Verification = NonNullable<DifficultyReport['verification']>;

/** The difficulty section: estimates, and, when forget sets were unlearned, whether the estimates came true. */
export function completeDifficulty(estimated: Bundle, probed: Bundle | null, seed: number): DifficultyReport {
  const estimators = estimated.meta.estimators as unknown as DifficultyReport['estimators'];
  const diverged = probed?.arrays.gap.data.some((value) => !Number.isFinite(value)) ?? false;
  const verification = probed === null || diverged ? null : verify(estimated, probed, seed);
  return {
    statement: state(estimators, verification),
    estimators,
    verification,
    hardest: estimated.meta.hardest as unknown as DifficultyReport['hardest'],
    easiest: estimated.meta.easiest as unknown as DifficultyReport['easiest'],
    limits: [...limitsOf(estimated, verification), ...(diverged ? [divergence] : [])],
  };
}

const divergence =
  'Retraining or unlearning diverged, so nothing could be compared: the recipe’s learning rate may not be the one the model was trained with.';

function verify(estimated: Bundle, probed: Bundle, seed: number): Verification {
  const { arrays, meta } = probed;
  const [sets, size] = arrays.rows.shape;
  const moments = arrays.gap.shape[1];
  const steps = meta.steps as readonly number[];
  const confidence = Number(meta.confidence);
  const row = (name: string, set: number, width: number) =>
    (arrays[name].data as Float64Array).subarray(set * width, (set + 1) * width);
  const tolerance = retrainTolerance(mean(arrays.retrainSpread.data as Float64Array));
  const primary = String(estimated.meta.primary);
  const everyDifficulty = (scoreId: string) => {
    const column = estimated.arrays[`column.difficulty.${scoreId}`].data;
    return Float64Array.from(arrays.rows.data, (place) => column[place]);
  };
  const difficultyOf = (scoreId: string, set: number) =>
    everyDifficulty(scoreId).subarray(set * size, (set + 1) * size);
  const forgetSets = Array.from({ length: sets }, (_, set): Verification['forgetSets'][number] => {
    const gap = row('gap', set, moments);
    const accuracy = row('accuracy', set, moments);
    const reached = stepsToRetrainLevel({ steps, gap, tolerance, utility: accuracy });
    const at = reached.evaluation;
    return {
      set: set + 1,
      size,
      medianDifficulty: median(difficultyOf(primary, set)),
      gapBefore: meanInterval(row('sampleGapBefore', set, size), confidence),
      gapAfter: meanInterval(row('sampleGapAfter', set, size), confidence),
      stepsToRetrainLevel: {
        status: 'measured',
        value: reached.steps,
        // Between two evaluations nobody looked: the level may have been reached right after the one before.
        low: at > 0 && reached.outcome === 'reached' ? steps[at - 1] : reached.steps,
        high: reached.steps,
        confidence,
        n: size,
        method: 'order',
      },
      censored: reached.outcome !== 'reached',
      damage: drop(accuracy[0], accuracy[at], Number(meta.heldOut), confidence),
      curve: { steps: [...steps], gap: [...gap] },
    };
  });
  const estimatorIds = (estimated.meta.estimators as unknown as DifficultyReport['estimators']).map(
    ({ estimator }) => estimator,
  );
  const measuredSteps = forgetSets.map((set) => numberOf(set.stepsToRetrainLevel));
  const gaps = forgetSets.map((set) => numberOf(set.gapBefore));
  const everySampleGap = arrays.sampleGapBefore.data as Float64Array;
  const correlate = (a: ArrayLike<number>, b: ArrayLike<number>, ...labels: string[]) =>
    spearmanWithInterval(a, b, { seed: deriveSeed(seed, 'spearman', ...labels), confidence });
  return {
    method: 'noisyFineTune',
    settings: settingsOf(meta),
    tolerance,
    forgetSets,
    rankCorrelation: estimatorIds.flatMap((estimator) => {
      const medians = Array.from({ length: sets }, (_, set) => median(difficultyOf(estimator, set)));
      return [
        { estimator, against: 'steps' as const, measured: correlate(medians, measuredSteps, estimator, 'steps') },
        { estimator, against: 'gapBefore' as const, measured: correlate(medians, gaps, estimator, 'gap') },
      ];
    }),
    sampleRankCorrelation: estimatorIds.map((estimator) => ({
      estimator,
      measured: correlateSamples(everyDifficulty(estimator), everySampleGap, size, {
        seed: deriveSeed(seed, 'spearman', estimator, 'samples'),
        confidence,
      }),
    })),
  };
}

/**
 * Rank correlation over samples. Those of one set share the models they are compared with, so whole sets are drawn.
 */
function correlateSamples(
  difficulty: Float64Array,
  gaps: Float64Array,
  size: number,
  options: { readonly seed: number; readonly confidence: number },
): Measured {
  return bootstrapInterval({
    units: gaps.length,
    clusters: Int32Array.from(gaps, (_, i) => Math.floor(i / size)),
    statistic: (rows) =>
      spearman(
        Float64Array.from(rows, (at) => difficulty[at]),
        Float64Array.from(rows, (at) => gaps[at]),
      ),
    draws: 500,
    ...options,
  });
}

/** Accuracy lost between two moments on the same held-out samples; treating them as independent only widens it. */
function drop(before: number, after: number, n: number, confidence: number): Measured {
  const count = (rate: number) => ({ count: Math.round(rate * n), n });
  return newcombeDifference(count(before), count(after), confidence);
}

function numberOf(measured: Measured): number {
  return measured.status === 'measured' ? measured.value : Number.NaN;
}

function settingsOf(meta: Bundle['meta']): Verification['settings'] {
  const kept = [
    'sets',
    'size',
    'retrainSeeds',
    'epochs',
    'learningRate',
    'momentum',
    'weightDecay',
    'clip',
    'noiseStd',
    'noiseShare',
  ];
  return Object.fromEntries(kept.map((name) => [name, meta[name] as Json])) as Verification['settings'];
}

function state(estimators: DifficultyReport['estimators'], verification: Verification | null): string {
  const [first] = estimators;
  if (verification === null)
    return `Members were ranked by expected effort of unlearning (${first.estimator}); nothing was unlearned to check the ranking.`;
  const sorted = [...verification.forgetSets].sort((a, b) => a.medianDifficulty - b.medianDifficulty);
  const [easiest, hardest] = [sorted[0], sorted[sorted.length - 1]];
  const tell = (set: (typeof sorted)[number]) =>
    `${set.censored ? `more than ${numberOf(set.stepsToRetrainLevel)}` : numberOf(set.stepsToRetrainLevel)} steps`;
  const found = verification.rankCorrelation.find(
    ({ estimator, against }) => estimator === first.estimator && against === 'gapBefore',
  );
  const agreed = found?.measured.status === 'measured' && found.measured.low > 0;
  return `The records ranked hardest by ${first.estimator} stand ${numberOf(hardest.gapBefore).toFixed(2)} nats of logit confidence above a model that never saw them and took ${tell(hardest)} of noisy fine-tuning to remove; the easiest stand ${numberOf(easiest.gapBefore).toFixed(2)} above it and took ${tell(easiest)}. ${agreed ? 'The ranking came true over the forget sets.' : 'Over these forget sets the ranking could not be confirmed.'}`;
}

function limitsOf(estimated: Bundle, verification: Verification | null): string[] {
  const limits = [
    'Difficulty is expected effort relative to this training set and this probe: no guarantee, and not comparable across models.',
  ];
  if (estimated.meta.source === 'surrogateTraining')
    limits.push('One surrogate training run was watched, not the target’s own.');
  else limits.push('One training trajectory was watched; a bound over trajectories would need many.');
  if (verification === null) return limits;
  const censored = verification.forgetSets.filter((set) => set.censored).length;
  if (censored > 0)
    limits.push(
      `${censored} of ${verification.forgetSets.length} forget sets did not reach the retrained level within the budget; they count as the budget.`,
    );
  limits.push(
    'Steps are those of one unlearning method, noisy fine-tuning; another method may find other records hard.',
  );
  return limits;
}
