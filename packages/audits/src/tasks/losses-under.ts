import { lossUnder, type ProbabilityOfTruth, probabilityKey } from '@engram/attacks';
import { EngramError, type NdArray, type TaskSpec } from '@engram/domain';
import type { Labels } from '@engram/models';
import { vector } from './audit-rows.js';
import type { ScoredMeaning } from './output-signals.js';
import type { OutputField } from './recorded-signals.js';

/** A probability of 0 to the precision it comes in counts as this. */
const leastProbability = 1e-12;

/**
 * Losses under other probabilities of the truth, by their keys: (n) nats each. Of probabilities there are those alone that
 * need no more than logits up to a constant.
 *
 * @param outputs (n, classes), or (n, 1) for class 1 of two.
 * @param truth (n) classes.
 */
export function lossesUnder(
  outputs: NdArray,
  meaning: ScoredMeaning,
  truth: Labels,
  asked: readonly ProbabilityOfTruth[],
): Record<string, Float64Array> {
  if (asked.length === 0) return {};
  if (meaning === 'prediction' || truth instanceof Float64Array)
    throw new EngramError('ENG_INTERNAL', 'a regression was asked for probabilities of classes');
  const labels = Int32Array.from(truth);
  const logits = meaning === 'logits' ? ofEveryClass(outputs, (z) => [0, z]) : logarithms(outputs);
  return Object.fromEntries(
    asked
      .filter(({ kind }) => kind === 'softmax' || meaning === 'logits')
      .map((probability) => [probabilityKey(probability), lossUnder(logits, labels, probability)]),
  );
}

/** The same of recorded outputs, (n) each, named `lossUnder.<key>`; none where no output of every class was recorded. */
export async function recordedLossesUnder(
  has: (field: OutputField) => boolean,
  read: (field: OutputField) => Promise<NdArray>,
  truth: Labels | undefined,
  asked: readonly ProbabilityOfTruth[],
): Promise<Record<string, NdArray<Float64Array>>> {
  const meaning = (['logits', 'probabilities'] as const).find(has);
  if (asked.length === 0 || meaning === undefined || !(truth instanceof Int32Array)) return {};
  const losses = lossesUnder(await read(meaning), meaning, truth, asked);
  return Object.fromEntries(Object.entries(losses).map(([key, nats]) => [`lossUnder.${key}`, vector(nats)]));
}

/** Recorded outputs (n) are of one form of each sample: (1, n). */
export function onOneForm(losses: Readonly<Record<string, NdArray>>): Record<string, NdArray> {
  return Object.fromEntries(
    Object.entries(losses).map(([name, { data }]) => [name, { data, shape: [1, data.length] }]),
  );
}

/** The other probabilities of the truth that a task is to tell losses under. */
export function askedLossesUnder({ params }: TaskSpec): readonly ProbabilityOfTruth[] {
  return (params.lossesUnder ?? []) as unknown as readonly ProbabilityOfTruth[];
}

/** Arrays by their names, with a prefix to these. */
export function prefixed(arrays: Readonly<Record<string, NdArray>>, prefix: string): Record<string, NdArray> {
  return Object.fromEntries(Object.entries(arrays).map(([name, array]) => [prefix + name, array]));
}

function logarithms(probabilities: NdArray): NdArray<Float64Array> {
  const { data, shape } = ofEveryClass(probabilities, (p) => [1 - p, p]);
  return { data: data.map((p) => Math.log(Math.max(leastProbability, p))), shape };
}

/** (n, classes) of what may say of two classes no more than the second. */
function ofEveryClass(
  { data, shape: [n, width = 1] }: NdArray,
  both: (second: number) => readonly [number, number],
): NdArray<Float64Array> {
  if (width > 1) return { data: Float64Array.from(data), shape: [n, width] };
  return { data: Float64Array.from(Array.from(data).flatMap(both)), shape: [n, 2] };
}
