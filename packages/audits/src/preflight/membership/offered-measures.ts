import type { MeasureKind } from '@engram/attacks';
import { matchDatasetToModel } from '@engram/datasets';
import { imageLayout } from '@engram/numeric';
import { auditedRoles, type ResolvedAudit } from '../../resources.js';
import type { ChosenReferences } from './choose-references.js';
import { whiteBoxMeasures } from './white-box-measures.js';

/** What a target can be asked beyond one pass over the samples. */
export function offeredMeasures(audit: ResolvedAudit, references: Pick<ChosenReferences, 'given'>): MeasureKind[] {
  return [...labelMeasures(audit), ...transferMeasures(audit, references), ...whiteBoxMeasures(audit)];
}

/** What the labels of samples tell that were changed by the gradients of reference models: layers models, if any. */
function transferMeasures(
  { model, target, references }: ResolvedAudit,
  { given }: Pick<ChosenReferences, 'given'>,
): MeasureKind[] {
  if (model === undefined || target !== 'classifier') return [];
  const haveGradients =
    given === null
      ? model.inspected.abilities.includes('train')
      : references.every(({ inspected }) => inspected.abilities.includes('gradients'));
  return haveGradients ? ['transferAttack'] : [];
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
