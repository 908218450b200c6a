import type { MeasureKind } from '@engram/attacks';
import { matchDatasetToModel } from '@engram/datasets';
import { imageLayout } from '@engram/numeric';
import { auditedRoles, type ResolvedAudit } from '../resources.js';
import { whiteBoxMeasures } from './white-box-measures.js';

/** What a target can be asked beyond one pass over the samples. */
export function offeredMeasures(audit: ResolvedAudit): MeasureKind[] {
  return [...labelMeasures(audit), ...whiteBoxMeasures(audit)];
}

/** What the labels of changed samples tell. */
function labelMeasures(audit: ResolvedAudit): MeasureKind[] {
  const { model, target, datasets } = audit;
  if (model === undefined || target !== 'classifier') return [];
  const offered: MeasureKind[] = ['noiseRobustness', 'boundaryDistance'];
  const match = matchDatasetToModel(datasets[auditedRoles(datasets)[0]]!.inspected, model.inspected, '/data');
  if (match.kind === 'input' && imageLayout(match.rowShape) !== undefined) offered.push('augmentationVotes');
  return offered;
}
