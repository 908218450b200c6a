import type { MeasureKind } from '@engram/attacks';
import { matchDatasetToModel } from '@engram/datasets';
import { imageLayout } from '@engram/numeric';
import { auditedRoles, type ResolvedAudit } from '../resources.js';
import { whiteBoxMeasures } from './white-box-measures.js';

/** What a target can be asked beyond one pass over the samples. */
export function offeredMeasures(audit: ResolvedAudit): MeasureKind[] {
  return [...labelMeasures(audit), ...whiteBoxMeasures(audit)];
}

/** What every reference model can be asked so: those trained here are built as the target is. */
export function offeredReferenceMeasures({ model, references }: ResolvedAudit): MeasureKind[] {
  const asked = references.length > 0 ? references : model === undefined ? [] : [model];
  const tells = asked.length > 0 && asked.every(({ inspected }) => inspected.lastLayer !== undefined);
  return tells ? ['lastLayerGradientNorm'] : [];
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
