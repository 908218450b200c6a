import type { AvailableReferences } from '@engram/attacks';
import { auditedRoles, type ResolvedAudit } from '../../resources.js';

/** On how many of the rows attacks score so many reference models were trained. */
export interface RowInclusion {
  /** (models + 1) rows that 0, 1, … models were trained on. */
  readonly histogram: readonly number[];
  readonly range: Pick<AvailableReferences, 'leastIn' | 'mostIn' | 'leastOut' | 'mostOut'>;
}

/** By the masks in `referenceMember`, counted at upload; undefined where a dataset has none or they were not counted. */
export function inclusionOfRows({ datasets }: ResolvedAudit): RowInclusion | undefined {
  const parts = auditedRoles(datasets).map((role) => datasets[role]!.inspected.inclusion);
  const histograms = parts
    .flatMap((part) => [part?.all, part?.members, part?.nonMembers])
    .filter((one) => one !== undefined);
  const models = histograms[0]?.length ?? 0;
  if (models === 0 || parts.some((part) => part === undefined)) return undefined;
  if (histograms.some(({ length }) => length !== models)) return undefined;
  const histogram = Array.from({ length: models }, (_, count) => histograms.reduce((sum, one) => sum + one[count], 0));
  const leastIn = histogram.findIndex((rows) => rows > 0);
  const mostIn = histogram.findLastIndex((rows) => rows > 0);
  return {
    histogram,
    range: { leastIn, mostIn, leastOut: models - 1 - mostIn, mostOut: models - 1 - leastIn },
  };
}

/** What keeps reference models from being compared with, though they are there. */
export function noticesOfInclusion(audit: ResolvedAudit): string[] {
  const parts = auditedRoles(audit.datasets).map((role) => audit.datasets[role]!.inspected);
  const models = parts[0]?.referenceModels;
  if (models !== undefined && parts.every(({ fields }) => fields.referenceMember === undefined))
    return [
      `Outputs of ${models} reference models are not read: add referenceMember, which tells on which samples each was trained (0 throughout where on none).`,
    ];
  const inclusion = inclusionOfRows(audit);
  if (inclusion === undefined) return [];
  const { histogram, range } = inclusion;
  const [none, all] = [histogram[0], histogram[histogram.length - 1]];
  if (all === 0 && (none === 0 || range.mostIn === 0)) return [];
  return [
    `Of the samples ${none} are in the training of no reference model and ${all} in that of all: offline attacks need a model without every sample, online ones also a model with it. Leave such samples out, or give more reference models.`,
  ];
}
