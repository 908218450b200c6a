import {
  type AvailableReferences,
  type AvailableSignals,
  balancedReferences,
  type ProbabilityOfTruth,
} from '@engram/attacks';
import { matchDatasetToModel } from '@engram/datasets';
import { imageLayout, mostForms } from '@engram/numeric';
import { auditedRoles, type ResolvedAudit } from '../../resources.js';
import type { ChosenReferences } from './choose-references.js';
import { inclusionOfRows } from './inclusion-of-rows.js';
import { isAskedForLabels } from './label-targets.js';
import { offeredMeasures, offeredReferenceMeasures } from './offered-measures.js';
import { trainedForms } from './trained-forms.js';

/** What attacks will be able to read, counted before anything has run. */
export function availableSignals(audit: ResolvedAudit, references: ChosenReferences): AvailableSignals {
  const counted = {
    population: comparedPopulation(audit),
    calibration: audit.datasets.calibration?.inspected.count ?? 0,
    measures: offeredMeasures(audit, references),
    trainedForms: trainedForms(audit),
  };
  switch (audit.target) {
    case 'outputs':
      return { ...ofOutputs(audit), ...counted };
    case 'languageModel':
      return {
        labels: false,
        loss: true,
        scaledConfidence: true,
        probabilities: false,
        covariates: true,
        ...counted,
        ...countedReferences(audit, references),
      };
    case 'regression':
      return {
        labels: false,
        loss: true,
        scaledConfidence: true,
        squaredError: true,
        probabilities: false,
        covariates: true,
        queries: takesImages(audit) ? mostForms : 1,
        referenceMeasures: references.count === 0 ? [] : offeredReferenceMeasures(audit),
        ...counted,
        ...countedReferences(audit, references),
      };
    case 'classifier': {
      const reference = countedReferences(audit, references);
      const isScored = !isAskedForLabels(audit);
      return {
        labels: true,
        loss: isScored,
        scaledConfidence: isScored,
        probabilities: isScored,
        correct: true,
        covariates: true,
        referenceProbabilities: reference.reference !== undefined,
        lossUnder: isScored && reference.reference !== undefined ? kindsUnder(tellLogits(audit)) : [],
        queries: isScored && takesImages(audit) ? mostForms : 1,
        referenceMeasures: reference.reference === undefined ? [] : offeredReferenceMeasures(audit),
        ...counted,
        ...reference,
      };
    }
  }
}

/**
 * Population samples whose losses under the target and its references are compared: of recorded outputs, those of the
 * references must be there too.
 */
function comparedPopulation(audit: ResolvedAudit): number {
  const population = audit.datasets.population?.inspected;
  if (population === undefined || isAskedForLabels(audit)) return 0;
  return audit.target === 'outputs' && population.referenceModels === undefined ? 0 : population.count;
}

/** The probabilities of the truth that can be made of logits, or of probabilities, which are logits up to a constant. */
function kindsUnder(logits: boolean): readonly ProbabilityOfTruth['kind'][] {
  return logits ? ['softmax', 'taylor'] : ['softmax'];
}

/** Whether target and references tell logits: those trained here do. */
function tellLogits({ model, references }: ResolvedAudit): boolean {
  return [model!, ...references].every(({ inspected }) => inspected.output.meaning === 'logits');
}

function countedReferences(
  audit: ResolvedAudit,
  { count, given }: ChosenReferences,
): { readonly reference?: AvailableReferences } {
  if (given === 'none') {
    const models = { models: count, loss: true, scaledConfidence: true };
    return { reference: { ...models, leastIn: 0, mostIn: 0, leastOut: count, mostOut: count } };
  }
  if (count === 0) return {};
  return { reference: { ...balancedReferences(count), ...(given === 'field' ? inclusionOfRows(audit)?.range : {}) } };
}

/** Whether the samples as the model takes them are images, which have mirror images and can be shifted. */
function takesImages({ model, datasets }: ResolvedAudit): boolean {
  const [role] = auditedRoles(datasets);
  const match = matchDatasetToModel(datasets[role]!.inspected, model!.inspected, `/data/${role}`);
  return match.kind === 'input' && imageLayout(match.rowShape) !== undefined;
}

function ofOutputs(audit: ResolvedAudit): Omit<AvailableSignals, 'population' | 'calibration'> {
  const parts = auditedRoles(audit.datasets).map((role) => audit.datasets[role]!.inspected);
  const all = (...fields: (keyof (typeof parts)[number]['fields'])[]) =>
    fields.some((field) => parts.every((part) => part.fields[field] !== undefined));
  const vectors = all('logits', 'probabilities') && all('label');
  const models = Math.min(...parts.map((part) => part.referenceModels ?? 0));
  const referenceVectors = all('referenceLogits', 'referenceProbabilities') && all('label');
  const squaredError = all('prediction') && all('target');
  const referenceScalars =
    referenceVectors ||
    (squaredError && all('referencePrediction')) ||
    all('referenceLoss', 'referenceScaledConfidence');
  const referenced = models > 0 && all('referenceMember');
  return {
    labels: all('label') && !squaredError,
    squaredError,
    loss: vectors || squaredError || all('loss') || all('scaledConfidence'),
    scaledConfidence: vectors || squaredError || all('scaledConfidence') || all('loss'),
    probabilities: vectors,
    correct: vectors || (all('predictedLabel') && all('label')),
    covariates: all('input', 'text'),
    referenceProbabilities: referenced && referenceVectors,
    lossUnder:
      vectors && referenced && referenceVectors
        ? kindsUnder(parts.every(({ fields }) => fields.logits !== undefined && fields.referenceLogits !== undefined))
        : [],
    ...(referenced
      ? {
          reference: {
            ...balancedReferences(models),
            ...inclusionOfRows(audit)?.range,
            loss: referenceScalars,
            scaledConfidence: referenceScalars,
          },
        }
      : {}),
  };
}
