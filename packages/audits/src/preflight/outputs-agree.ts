import { auditedRoles, type DataRole, type ResolvedAudit } from '../resources.js';
import type { Faults } from './faults.js';

/** Outputs a dataset may carry in place of a model. */
export const outputFields = [
  'logits',
  'probabilities',
  'predictedLabel',
  'prediction',
  'loss',
  'scaledConfidence',
] as const;

/** Outputs that say nothing until they are held against labels. */
export const ofClasses: ReadonlySet<(typeof outputFields)[number]> = new Set([
  'logits',
  'probabilities',
  'predictedLabel',
]);

/** Recorded outputs of members and non-members are compared with each other: they must be the same quantities. */
export function checkOutputsAgree(audit: ResolvedAudit, faults: Faults): void {
  const [first, ...others] = auditedRoles(audit.datasets);
  for (const second of others) checkPairAgrees(audit, first, second, faults);
  if (audit.datasets.population !== undefined) checkPopulationAgrees(audit, first, faults);
}

/** A population needs no outputs of reference models; where it has some, they must be of the same. */
function checkPopulationAgrees(audit: ResolvedAudit, first: DataRole, faults: Faults): void {
  checkClassesAgree(audit, first, 'population', faults);
  const [judged, population] = [audit.datasets[first]!.inspected, audit.datasets.population!.inspected];
  if (judged.referenceModels !== undefined && population.referenceModels !== undefined)
    checkModelsAgree(audit, first, 'population', faults);
}

function checkPairAgrees(audit: ResolvedAudit, first: DataRole, second: DataRole, faults: Faults): void {
  const pointer = `/data/${second}`;
  const [a, b] = [audit.datasets[first]!.inspected, audit.datasets[second]!.inspected];
  const common = outputFields.filter((field) => a.fields[field] !== undefined && b.fields[field] !== undefined);
  const readable = common.some((field) => !ofClasses.has(field));
  if (common.length === 0 || (!readable && (a.fields.label === undefined || b.fields.label === undefined)))
    faults.add(
      'ENG_DATA_MODEL_MISMATCH',
      pointer,
      `${first} carries ${Object.keys(a.fields).join(', ')}, ${second} carries ${Object.keys(b.fields).join(', ')}: no output can be read from both`,
      `Upload both with the same one of ${outputFields.join(', ')}.`,
    );
  checkClassesAgree(audit, first, second, faults);
  checkModelsAgree(audit, first, second, faults);
  const [masked, unmasked] = a.fields.referenceMember === undefined ? [second, first] : [first, second];
  if (
    a.referenceModels !== undefined &&
    (a.fields.referenceMember === undefined) !== (b.fields.referenceMember === undefined)
  )
    faults.add(
      'ENG_DATA_MODEL_MISMATCH',
      `/data/${unmasked}`,
      `${masked} tells in referenceMember which reference models were trained on each sample, ${unmasked} does not`,
      `Add referenceMember to ${unmasked}: 0 for every model that was not trained on the sample.`,
    );
}

function checkClassesAgree({ datasets }: ResolvedAudit, first: DataRole, second: DataRole, faults: Faults): void {
  const [a, b] = [datasets[first]!.inspected, datasets[second]!.inspected];
  for (const field of ['logits', 'probabilities', 'referenceLogits', 'referenceProbabilities'] as const) {
    const [one, other] = [a.fields[field], b.fields[field]];
    if (one?.kind !== 'numeric' || other?.kind !== 'numeric') continue;
    // The last axis is classes; of references the one before it counts samples, which may differ.
    const [classes, others] = [one.rowShape.at(-1), other.rowShape.at(-1)];
    if (classes === others) continue;
    faults.add(
      'ENG_DATA_MODEL_MISMATCH',
      `/data/${second}`,
      `${field} has ${classes} classes in ${first} and ${others} in ${second}`,
      'Record the outputs of one model for both.',
    );
  }
}

function checkModelsAgree({ datasets }: ResolvedAudit, first: DataRole, second: DataRole, faults: Faults): void {
  const [a, b] = [datasets[first]!.inspected, datasets[second]!.inspected];
  if (a.referenceModels !== b.referenceModels)
    faults.add(
      'ENG_DATA_MODEL_MISMATCH',
      `/data/${second}`,
      `${first} carries outputs of ${a.referenceModels ?? 0} reference models, ${second} of ${b.referenceModels ?? 0}`,
      'Record the same reference models, in the same order, for both.',
    );
}
