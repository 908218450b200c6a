import { type Measured, notMeasured } from '@engram/domain';
import { clopperPearson, clopperPearsonOneSided } from '../rates/clopper-pearson.js';
import { calibratedThreshold } from '../roc/calibrated-threshold.js';
import { countSides, scoresOf } from '../scored-samples.js';

/** How many training records a tracer can point at while hardly ever accusing a fresh one. */
export interface Traceability {
  /** Rate of false accusations the tracer is set to: alpha. */
  readonly falseAccusations: number;
  /** Score above which a record is traced, set on records kept apart. */
  readonly threshold: number;
  /** Upper bound, one-sided, on the share of fresh records traced: the tracer is sound at alpha when at most alpha. */
  readonly soundness: number;
  readonly sound: boolean;
  /** Share of members traced, with its interval. */
  readonly recall: Measured;
  /** Training records traced: the recall times the size of the training set, and its lower bound. */
  readonly traced: number;
  readonly tracedAtLeast: number;
  /** Fresh records wrongly traced among as many as were trained on. */
  readonly expectedFalseAccusations: number;
  /** More than ten times as many records are surely traced as would be by false accusation. */
  readonly traceable: boolean;
}

export interface TraceabilityOptions {
  /** alpha, a fraction in (0, 1). */
  readonly falseAccusations: number;
  /** Records the model was trained on, of which the members are a uniform sample. */
  readonly trainingSize: number;
  /** (n) scores of non-members kept apart, on which the threshold is set. */
  readonly calibrationScores: ArrayLike<number>;
  /** One-sided, of soundness and of the lower bound on recall. */
  readonly confidence?: number;
}

const headline = 10;

/**
 * (alpha, m)-traceability, per record and in probability: a tracer is alpha-sound when it traces a fresh record with
 * probability at most alpha, and certifies recall m when it traces m training records.
 *
 * @param scores (n) without NaN; higher = more member-like.
 * @param membership (n) 1 = a record of the training set, drawn uniformly from it; 0 = a fresh one.
 * @returns not measured with ENG_INSUFFICIENT_SAMPLES when the records kept apart are too few to set the threshold, or a
 *   side is empty.
 * @throws as `countSides`.
 * @see Attias et al. 2024, "Information Complexity of Stochastic Convex Optimization: Applications to Generalization,
 *   Memorization, and Tracing"; Voitovych et al. 2025 on traceability. Their quantifiers differ; this one is stated above.
 */
export function traceability(
  scores: ArrayLike<number>,
  membership: ArrayLike<number>,
  { falseAccusations, trainingSize, calibrationScores, confidence = 0.95 }: TraceabilityOptions,
): (Traceability & { readonly status: 'measured' }) | ReturnType<typeof notMeasured> {
  const { members, nonMembers } = countSides(scores, membership);
  if (members === 0 || nonMembers === 0)
    return notMeasured('ENG_INSUFFICIENT_SAMPLES', `needs members and non-members, got ${members} and ${nonMembers}`);
  const calibrated = calibratedThreshold(calibrationScores, falseAccusations, confidence);
  if (calibrated.status === 'notMeasured') return calibrated;
  const { threshold } = calibrated;
  const tracedOn = (side: 0 | 1) => scoresOf(scores, membership, side).filter((score) => score > threshold).length;
  const hits = tracedOn(1);
  const soundness = clopperPearsonOneSided(tracedOn(0), nonMembers, 'upper', confidence);
  const tracedAtLeast = trainingSize * clopperPearsonOneSided(hits, members, 'lower', confidence);
  return {
    status: 'measured',
    falseAccusations,
    threshold,
    soundness,
    sound: soundness <= falseAccusations,
    recall: clopperPearson(hits, members, confidence),
    traced: (trainingSize * hits) / members,
    tracedAtLeast,
    expectedFalseAccusations: falseAccusations * trainingSize,
    traceable: tracedAtLeast > headline * falseAccusations * trainingSize,
  };
}
