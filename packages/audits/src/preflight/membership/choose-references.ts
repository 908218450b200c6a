import { matchDatasetToModel } from '@engram/datasets';
import type { Recipe, StoredModel } from '@engram/domain';
import { lossOf } from '@engram/models';
import { auditedRoles, type ResolvedAudit } from '../../resources.js';
import type { Faults } from '../faults.js';
import { keptWeights } from '../kept-weights.js';

const defaultClassifierReferences = 16;
const defaultLanguageModelReferences = 4;
const pointer = '/tests/membership/referenceModels';

/** Reference models attacks can have: trained here, or given. */
export interface ChosenReferences {
  readonly count: number;
  /** How given models are told which rows they were trained on; null where models are trained here. */
  readonly given: 'none' | 'field' | null;
}

/** Settles where reference models come from, and refuses those that cannot be had. */
export function chooseReferences(audit: ResolvedAudit, faults: Faults, notices: string[]): ChosenReferences {
  const { models, count, recipe } = audit.request.tests.membership!.referenceModels;
  checkLoss(audit, recipe?.loss, faults);
  if (models === undefined) return { count: countToTrain(audit, faults, notices), given: null };
  if (count !== undefined && count > 0)
    faults.add(
      'ENG_REQUEST_INVALID',
      pointer,
      `${count} reference models are to be trained, and ${models.length} are given: expected one or the other`,
      'Leave out referenceModels.count to use the models given, or referenceModels.models to have some trained.',
    );
  return givenReferences(audit, faults, notices);
}

/** A recipe says how models of the target's task are trained, and so by which loss. */
function checkLoss({ model }: ResolvedAudit, asked: Recipe['loss'] | undefined, faults: Faults): void {
  if (model === undefined || asked === undefined) return;
  const { task } = model.inspected;
  const expected = lossOf(task);
  if (asked !== expected)
    faults.add(
      'ENG_REQUEST_INVALID',
      `${pointer}/recipe/loss`,
      `expected ${expected}, which a ${task} model is trained by, got ${asked}`,
      'Leave the loss out: it follows from the task of the model.',
    );
}

function countToTrain(audit: ResolvedAudit, faults: Faults, notices: string[]): number {
  const { model, request } = audit;
  const named = request.tests.membership!.referenceModels.count;
  const trainable = model?.inspected.abilities.includes('train') ?? false;
  if (model === undefined || !trainable) {
    if (named !== undefined && named > 0)
      faults.add(
        'ENG_ATTACK_NOT_APPLICABLE',
        `${pointer}/count`,
        model === undefined
          ? `${named} reference models were asked for, and this audit names no model to train them like`
          : `${named} reference models were asked for, and a model of kind ${model.inspected.kind} cannot be trained here`,
        'Leave the count out and give reference models (referenceModels.models) or their outputs with the data, or audit a model that can be trained.',
      );
    return 0;
  }
  const isText = audit.target === 'languageModel';
  const asked = named ?? (isText ? defaultLanguageModelReferences : defaultClassifierReferences);
  const count = asked - (asked % 2);
  if (count !== asked)
    notices.push(`Reference models are trained in complementary pairs: ${count} instead of ${asked}.`);
  return isText ? count : withinStorage(model, count, named !== undefined, faults, notices);
}

function withinStorage(model: StoredModel, count: number, isNamed: boolean, faults: Faults, notices: string[]): number {
  const { most, rule } = keptWeights(model);
  if (count <= most) return count;
  if (isNamed)
    faults.add(
      'ENG_ATTACK_NOT_APPLICABLE',
      `${pointer}/count`,
      `${rule}, got ${count} reference models`,
      `Ask for at most ${most}, or give reference models (referenceModels.models) or their outputs.`,
    );
  else notices.push(`Of ${count} reference models ${most} are trained: ${rule}.`);
  return most;
}

function givenReferences(audit: ResolvedAudit, faults: Faults, notices: string[]): ChosenReferences {
  const { references, target } = audit;
  if (target !== 'classifier' && target !== 'regression') {
    faults.add(
      'ENG_ATTACK_NOT_APPLICABLE',
      `${pointer}/models`,
      target === 'outputs'
        ? 'reference models were given, and this audit names no model to compare them with'
        : 'reference models were given, and only classifiers and regressions can be given, for the audit of one',
      target === 'outputs'
        ? 'Name the audited model, or give the outputs of the reference models with the data.'
        : 'Leave out referenceModels.models and let references be trained (referenceModels.count).',
    );
    return { count: 0, given: 'none' };
  }
  references.forEach((reference, i) => {
    checkReference(audit, reference, i, faults);
  });
  return { count: references.length, given: chooseMasks(audit, faults, notices) };
}

function checkReference(audit: ResolvedAudit, reference: StoredModel, i: number, faults: Faults): void {
  const at = `${pointer}/models/${i}`;
  const { inspected } = reference;
  const target = audit.model!.inspected;
  if (inspected.task !== target.task || inspected.classCount !== target.classCount) {
    const kinds = [target, inspected].map(
      ({ task, classCount }) => `a ${task} model${classCount === undefined ? '' : ` of ${classCount} classes`}`,
    );
    faults.add(
      'ENG_DATA_MODEL_MISMATCH',
      at,
      `expected ${kinds[0]} like the audited one, got ${kinds[1]}`,
      'Give reference models of the same task, which tell the same classes apart.',
    );
    return;
  }
  if (inspected.output.meaning === 'labels')
    faults.add(
      'ENG_DATA_MODEL_MISMATCH',
      at,
      'expected a reference model whose confidence can be read, got one that tells labels alone',
      'Upload it with its logits or probabilities: reference models are compared by them.',
    );
  const twin = audit.references.slice(0, i).findIndex((other) => other.inspected.digest === inspected.digest);
  if (inspected.digest === target.digest || twin >= 0)
    faults.add(
      'ENG_REQUEST_INVALID',
      at,
      inspected.digest === target.digest
        ? 'the audited model is given as its own reference'
        : `reference models ${twin} and ${i} are the same`,
      'Give models that were trained apart from each other and from the audited one.',
    );
  for (const role of [...auditedRoles(audit.datasets), 'population'] as const) {
    const dataset = audit.datasets[role];
    if (dataset !== undefined) faults.gather(at, () => matchDatasetToModel(dataset.inspected, inspected, at));
  }
}

/** How the given models are told what they were trained on: as asked, else by the masks that came with every dataset. */
function chooseMasks(audit: ResolvedAudit, faults: Faults, notices: string[]): 'none' | 'field' {
  const asked = audit.request.tests.membership!.referenceModels.trainedOn;
  const roles = auditedRoles(audit.datasets);
  const models = audit.references.length;
  const masksOf = (role: (typeof roles)[number]) => {
    const { fields, referenceModels } = audit.datasets[role]!.inspected;
    return fields.referenceMember === undefined ? 0 : (referenceModels ?? 0);
  };
  if (asked === undefined && roles.every((role) => masksOf(role) === 0))
    notices.push(
      'The datasets have no referenceMember field, so the given reference models are taken as trained on none of the samples: only offline attacks can use them.',
    );
  const chosen = asked ?? (roles.some((role) => masksOf(role) > 0) ? 'field' : 'none');
  if (chosen === 'field')
    for (const role of roles)
      if (masksOf(role) !== models)
        faults.add(
          'ENG_DATA_MODEL_MISMATCH',
          `/data/${role}`,
          `expected referenceMember of ${models} reference models, got ${masksOf(role) === 0 ? 'none' : masksOf(role)}`,
          'Upload the dataset with a referenceMember field (models × samples, models in the order of referenceModels.models), or state "trainedOn": "none".',
        );
  return chosen;
}
