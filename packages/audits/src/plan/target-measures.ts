import { type MeasureKind, measureKey, parseAttackRequest, type TargetMeasure } from '@engram/attacks';
import type { ChosenAttack } from '../decisions.js';

/** The measures of the target these attacks read, each once, in the order they are first named. */
export function targetMeasures(attacks: readonly ChosenAttack[]): TargetMeasure[] {
  const found = new Map<string, TargetMeasure>();
  for (const { attack, params } of attacks)
    for (const requirement of parseAttackRequest({ attack, ...params }).requires)
      if (requirement.signal === 'measure') found.set(measureKey(requirement.measure), requirement.measure);
  return [...found.values()];
}

/** Kinds whose answer depends on what is drawn at random: the others are the same under every seed. */
export const drawnMeasures: ReadonlySet<MeasureKind> = new Set(['noiseRobustness', 'boundaryDistance']);
