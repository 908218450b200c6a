import type { MeasureKind } from '@engram/attacks';
import { auditedRoles, type ResolvedAudit } from '../resources.js';

/** Fewer moments have no quartiles to speak of, and no course. */
const fewestMoments = 2;

/** What can be read inside a target, or in what its training left behind. */
export function whiteBoxMeasures(audit: ResolvedAudit): MeasureKind[] {
  const offered: MeasureKind[] = [];
  const { model, target } = audit;
  if (target === 'classifier' && model?.inspected.lastLayer !== undefined)
    offered.push('lastLayerGradientNorm', 'leverage');
  // Gradients by all weights go through the engine, as training does.
  if (target === 'classifier' && model?.inspected.abilities.includes('gradients')) offered.push('gradientNorm');
  if (recordsTraining(audit)) offered.push('lossTrace');
  return offered;
}

/** Checkpoints of the target's training, or losses written down along it for every row, at the same moments. */
function recordsTraining({ model, target, datasets }: ResolvedAudit): boolean {
  if (target === 'languageModel') return false;
  if ((model?.inspected.checkpoints?.length ?? 0) >= fewestMoments) return true;
  const traces = auditedRoles(datasets).map((role) => datasets[role]?.inspected.fields.lossTrace);
  const [moments] = traces.map((trace) => (trace?.kind === 'numeric' ? trace.rowShape[0] : undefined));
  return moments !== undefined && traces.every((trace) => trace?.kind === 'numeric' && trace.rowShape[0] === moments);
}
