import { dropsAreAffordable, type MeasureKind, mostLinearWeights, populationRowsPerWeight } from '@engram/attacks';
import type { InspectedModel } from '@engram/domain';
import { auditedRoles, type ResolvedAudit } from '../../resources.js';

/** Fewer moments have no quartiles to speak of, and no course. */
const fewestMoments = 2;

/** What can be read inside a target, or in what its training left behind. */
export function whiteBoxMeasures(audit: ResolvedAudit): MeasureKind[] {
  const offered: MeasureKind[] = [];
  const { model, target } = audit;
  const hasNetwork = target === 'classifier' || target === 'regression';
  if (hasNetwork && model?.inspected.lastLayer !== undefined) {
    offered.push('lastLayerGradientNorm');
    if (dropsAreAffordable(lastLayerWeights(model.inspected), countRows(audit))) offered.push('leverage');
  }
  // Gradients by all weights go through the engine, as training does.
  if (hasNetwork && model?.inspected.abilities.includes('gradients')) offered.push('gradientNorm');
  if (hasPopulationMinimiser(audit)) offered.push('linearStatistics');
  if (recordsTraining(audit)) offered.push('lossTrace');
  return offered;
}

/** A linear regression, and rows of the population by which its best weights are known. */
function hasPopulationMinimiser({ model, datasets }: ResolvedAudit): boolean {
  const unit = model?.inspected.linearUnit;
  if (unit === undefined) return false;
  const weights = unit.width + Number(unit.bias);
  const rows = datasets.population?.inspected.count ?? 0;
  return weights <= mostLinearWeights && rows >= populationRowsPerWeight * weights;
}

/** Infinite where only running the model would tell. */
function lastLayerWeights({ lastLayer, classCount }: InspectedModel): number {
  const { width, head, bias } = lastLayer!;
  if (width === null) return Number.POSITIVE_INFINITY;
  return (width + Number(bias)) * (head === 'softmax' ? classCount! : 1);
}

function countRows({ datasets }: ResolvedAudit): number {
  return auditedRoles(datasets).reduce((sum, role) => sum + (datasets[role]?.inspected.count ?? 0), 0);
}

/** Checkpoints of the target's training, or losses written down along it for every row, at the same moments. */
function recordsTraining({ model, target, datasets }: ResolvedAudit): boolean {
  if (target === 'languageModel') return false;
  if ((model?.inspected.checkpoints?.length ?? 0) >= fewestMoments) return true;
  const traces = auditedRoles(datasets).map((role) => datasets[role]?.inspected.fields.lossTrace);
  const [moments] = traces.map((trace) => (trace?.kind === 'numeric' ? trace.rowShape[0] : undefined));
  return moments !== undefined && traces.every((trace) => trace?.kind === 'numeric' && trace.rowShape[0] === moments);
}
