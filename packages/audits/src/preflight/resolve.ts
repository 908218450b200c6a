import type { AuditRequest } from '@engram/contract';
import type { ModelTask, StoredDataset } from '@engram/domain';
import { type AuditResources, auditedRoles, type DataRole, type ResolvedAudit } from '../resources.js';
import type { Faults } from './faults.js';
import { checkOutputsAgree, ofClasses, outputFields } from './outputs-agree.js';

/** What the samples are judged by, for each task a model may have. */
const targetKinds: Readonly<Record<ModelTask, ResolvedAudit['target']>> = {
  classification: 'classifier',
  regression: 'regression',
  'causal-lm': 'languageModel',
};

/** Joins request and resources, and counts the samples on each side. */
export function resolveAudit(
  auditId: string,
  request: AuditRequest,
  resources: AuditResources,
  faults: Faults,
): ResolvedAudit {
  const { model, datasets, references = [] } = resources;
  const target = model === undefined ? 'outputs' : targetKinds[model.inspected.task];
  let members = 0;
  let nonMembers = 0;
  if (datasets.auditSet !== undefined) {
    const { inspected } = datasets.auditSet;
    if (inspected.members === undefined || inspected.nonMembers === undefined)
      faults.add(
        'ENG_ONE_CLASS_ONLY',
        '/data/auditSet',
        'an audit set needs a member field, and this dataset has none',
        'Upload it with a "member" field (1 = member), or name members and nonMembers as two datasets.',
      );
    members = inspected.members ?? 0;
    nonMembers = inspected.nonMembers ?? 0;
  } else {
    members = datasets.members?.inspected.count ?? 0;
    nonMembers = datasets.nonMembers?.inspected.count ?? 0;
  }
  const audit = { auditId, request, model, references, datasets, target, members, nonMembers } as const;
  for (const role of rolesOf(audit)) checkFields(audit, role, faults);
  checkSetAside(audit, faults);
  checkDistinct(audit, faults);
  if (target === 'outputs' && !faults.any) checkOutputsAgree(audit, faults);
  return audit;
}

/** Samples set aside to calibrate on are non-members by definition. */
function checkSetAside({ datasets }: ResolvedAudit, faults: Faults): void {
  const members = datasets.calibration?.inspected.members ?? 0;
  if (members > 0)
    faults.add(
      'ENG_REQUEST_INVALID',
      '/data/calibration',
      `expected non-members alone to calibrate on, got ${members} marked as members`,
      'Leave the members out, or the member field where it means something else.',
    );
}

/** The same samples cannot be on two sides: whatever is found of one is found of the other. */
function checkDistinct(audit: ResolvedAudit, faults: Faults): void {
  const roles = rolesOf(audit);
  roles.forEach((role, i) => {
    const twin = roles
      .slice(0, i)
      .find((other) => audit.datasets[other]?.inspected.digest === audit.datasets[role]?.inspected.digest);
    if (twin !== undefined)
      faults.add(
        'ENG_REQUEST_INVALID',
        `/data/${role}`,
        `${role} and ${twin} are the same samples`,
        `Give samples as ${role} that are not among the ${twin}.`,
      );
  });
}

function rolesOf(audit: ResolvedAudit): DataRole[] {
  return audit.datasets.population === undefined
    ? auditedRoles(audit.datasets)
    : [...auditedRoles(audit.datasets), 'population'];
}

function checkFields(audit: ResolvedAudit, role: DataRole, faults: Faults): void {
  const fields = audit.datasets[role]!.inspected.fields;
  const pointer = `/data/${role}`;
  const names = Object.keys(fields).join(', ') || 'no fields';
  if (audit.target === 'languageModel') {
    if (fields.text === undefined)
      faults.add(
        'ENG_DATA_MODEL_MISMATCH',
        pointer,
        `a language model is audited with texts: expected a text field, got ${names}`,
        'Upload JSON lines with the text in one key and name it in fields.text.',
      );
    return;
  }
  if (audit.target !== 'outputs') {
    const isClassifier = audit.target === 'classifier';
    for (const field of ['input', isClassifier ? 'label' : 'target'] as const)
      if (fields[field] === undefined)
        faults.add(
          'ENG_DATA_MODEL_MISMATCH',
          pointer,
          `a ${audit.target} is audited with inputs and ${isClassifier ? 'labels' : 'targets'}: expected the field ${field}, got ${names}`,
          'Upload the dataset again with both fields in its manifest.',
        );
    return;
  }
  const outputs = outputFields.filter((field) => fields[field] !== undefined);
  if (outputs.length === 0)
    faults.add(
      'ENG_DATA_MODEL_MISMATCH',
      pointer,
      `without a model the dataset must carry outputs: expected one of ${outputFields.join(', ')}, got ${names}`,
      'Name a model in the audit, or upload recorded outputs.',
    );
  if (fields.prediction !== undefined) checkPredictions(fields, names, pointer, faults);
  const needLabels = outputs.every((field) => ofClasses.has(field));
  if (outputs.length > 0 && needLabels && fields.label === undefined)
    faults.add(
      'ENG_DATA_MODEL_MISMATCH',
      pointer,
      `${outputs.join(' and ')} need the label of each sample: expected the field label, got ${names}`,
      'Add the label field, or upload the loss of each sample instead.',
    );
}

/** Predictions of a regression come with their targets, and not beside what a classifier says. */
function checkPredictions(
  fields: StoredDataset['inspected']['fields'],
  names: string,
  pointer: string,
  faults: Faults,
): void {
  if (fields.target === undefined)
    faults.add(
      'ENG_DATA_MODEL_MISMATCH',
      pointer,
      `predictions need what was to be predicted: expected the field target, got ${names}`,
      'Add the target field, or upload the loss of each sample instead.',
    );
  if ([...ofClasses].some((field) => fields[field] !== undefined))
    faults.add(
      'ENG_DATA_MODEL_MISMATCH',
      pointer,
      `a model answers with classes or with one number: expected either, got ${names}`,
      'Upload the outputs of a classifier and of a regression as two datasets.',
    );
}
