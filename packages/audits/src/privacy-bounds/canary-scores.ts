import { type MembershipSignals, parseAttackRequest } from '@engram/attacks';
import type { Bundle, NdArray } from '@engram/domain';
import type { ChosenAttack } from '../decisions.js';

/**
 * What canaries are ranked by: an attack that reads the target alone.
 *
 * @param collected what `collect-signals` or `collect-token-signals` left, n rows.
 * @returns (n) higher = more surely trained on.
 */
export function canaryScores(collected: Bundle, chosen: ChosenAttack, seed: number): Float64Array {
  const { arrays } = collected;
  const floats = (name: string) => arrays[name]?.data as Float64Array | undefined;
  const scaledConfidence = floats('scaledConfidence');
  const labels = arrays.label?.data as Int32Array | undefined;
  const correct = arrays.correct?.data as Uint8Array | undefined;
  const logProbabilities = arrays.logProbabilities as NdArray<Float64Array> | undefined;
  const signals: MembershipSignals = {
    ...(labels === undefined ? {} : { labels }),
    target: {
      loss: floats('loss')!,
      ...(scaledConfidence === undefined ? {} : { scaledConfidence }),
      ...(logProbabilities === undefined ? {} : { logProbabilities }),
      ...(correct === undefined ? {} : { correct }),
    },
  };
  return parseAttackRequest({ attack: chosen.attack, ...chosen.params }).score(signals, { seed });
}
