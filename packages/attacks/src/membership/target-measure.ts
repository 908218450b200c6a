import { EngramError, type Json, type NdArray } from '@engram/domain';
import { canonicalJson } from '@engram/numeric';

/**
 * What can be asked of a target beyond one pass over the samples: each is a piece of work of its own, done once and kept,
 * so that another attack that reads it costs nothing.
 *
 * - `augmentationVotes`, `noiseRobustness`, `boundaryDistance`: (n), from labels alone.
 * - `transferAttack`: (n), from labels and the weights of reference models.
 * - `gradientNorm`: (n), over all weights. `lastLayerGradientNorm`, `leverage`: (n), from what the last layer reads.
 * - `lossTrace`: (moments, n) nats, from the target's own training.
 * - `linearStatistics`: (3, n), of a linear regression: e, r and u, from its weights and a population minimiser.
 */
export const measureKinds = [
  'augmentationVotes',
  'noiseRobustness',
  'boundaryDistance',
  'transferAttack',
  'gradientNorm',
  'lastLayerGradientNorm',
  'leverage',
  'lossTrace',
  'linearStatistics',
] as const;

export type MeasureKind = (typeof measureKinds)[number];

/** One such question with its settings. Two attacks that ask the same share the answer. */
export interface TargetMeasure {
  readonly kind: MeasureKind;
  readonly params: { readonly [name: string]: Json };
}

/** The name a measure's values go by, whatever order its settings were written in. */
export function measureKey({ kind, params }: TargetMeasure): string {
  return `${kind}:${canonicalJson(params)}`;
}

/** Values of measures by their key; each (n) or (k, n), of reference models (models, n). */
export type MeasuredTarget = Readonly<Record<string, NdArray<Float64Array>>>;

/** @throws ENG_INTERNAL nobody took the measure: the attack should have required it. */
export function measuredValues(measured: MeasuredTarget | undefined, measure: TargetMeasure): NdArray<Float64Array> {
  const values = measured?.[measureKey(measure)];
  if (values === undefined) throw new EngramError('ENG_INTERNAL', `${measureKey(measure)} was not measured`);
  return values;
}
