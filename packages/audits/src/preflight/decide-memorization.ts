import type { MembershipDecisions, MemorizationDecisions } from '../decisions.js';
import { enoughModels } from '../memorization/verdict.js';
import { auditedRoles, type ResolvedAudit } from '../resources.js';
import { decideConsistency } from './decide-consistency.js';
import type { Faults } from './faults.js';
import { keptWeights } from './kept-weights.js';

const pointer = '/tests/memorization';
/** Below this many members a share of them is worth little. */
const fewestMembers = 20;
/** Fewer taken away than this would make the onion's layer a handful of chance. */
const smallestLayer = 5;
/** From here on `auto` asks whether predictions are right, not how probable the truth is. */
const hardFrom = 500;

type Test = NonNullable<ResolvedAudit['request']['tests']['memorization']>;

/** Settles where the bank comes from and what is read of it, and refuses what no bank can tell. */
export function decideMemorization(
  audit: ResolvedAudit,
  membership: MembershipDecisions | null,
  faults: Faults,
  notices: string[],
): MemorizationDecisions | null {
  const test = audit.request.tests.memorization;
  if (test === undefined) return null;
  if (audit.members < fewestMembers)
    faults.add(
      'ENG_INSUFFICIENT_SAMPLES',
      audit.datasets.auditSet === undefined ? '/data/members' : '/data/auditSet',
      `memorization needs at least ${fewestMembers} members, got ${audit.members}`,
      'Give more of the samples the model was trained on.',
    );
  const bank = chooseBank(audit, test, membership, faults, notices);
  if (bank === null) return null;
  const measure = chooseMeasure(audit, test, bank.models, faults);
  noteThinBank(bank.models, measure, notices);
  noteInfluence(audit, test, bank, notices);
  return {
    ...bank,
    measure,
    threshold: test.threshold,
    influence: test.influence,
    consistency: test.consistency === null ? null : decideConsistency(audit, test.consistency, bank, faults),
    onion: test.onion === null ? null : decideOnion(audit, test.onion, bank.from, faults),
  };
}

type ChosenBank = Pick<MemorizationDecisions, 'models' | 'from' | 'subsetFraction'>;

function chooseBank(
  audit: ResolvedAudit,
  test: Test,
  membership: MembershipDecisions | null,
  faults: Faults,
  notices: string[],
): ChosenBank | null {
  const refuse = (message: string, remedy: string) => {
    faults.add('ENG_ATTACK_NOT_APPLICABLE', pointer, message, remedy);
    return null;
  };
  if (audit.target === 'languageModel')
    return refuse('memorization by leaving samples out is for classifiers, got a language model', 'Leave it out.');
  if (predictsNumbers(audit))
    return refuse(
      'memorization by leaving samples out is the change in the confidence in a label: expected a classifier, got a regression',
      'Leave it out, or ask for membership.',
    );
  if (audit.target === 'outputs') {
    const models = recordedReferences(audit);
    if (models === 0)
      return refuse(
        'memorization needs outputs of reference models and what each was trained on, and the datasets carry none',
        'Give referenceMember and one of referenceLogits, referenceProbabilities, referenceLoss or referenceScaledConfidence with every dataset, or audit a model that can be trained here.',
      );
    noteFixedBank(test, models, notices);
    return { models, from: 'outputs', subsetFraction: 0.5 };
  }
  if (membership?.givenReferences === 'field') {
    const models = audit.references.length;
    if (models < 2)
      return refuse('memorization needs two reference models or more, got 1', 'Give more reference models.');
    noteFixedBank(test, models, notices);
    return { models, from: 'given', subsetFraction: 0.5 };
  }
  if (!(audit.model?.inspected.abilities.includes('train') ?? false))
    return refuse(
      `memorization trains models like the audited one, and a model of kind ${audit.model?.inspected.kind} cannot be trained here`,
      'Give reference models with the samples each was trained on (tests.membership.referenceModels and referenceMember), or their outputs with the data and no model.',
    );
  return {
    models: trainedModels(audit, test, membership, faults, notices),
    from: 'trained',
    subsetFraction: test.subsetFraction,
  };
}

function trainedModels(
  audit: ResolvedAudit,
  test: Test,
  membership: MembershipDecisions | null,
  faults: Faults,
  notices: string[],
): number {
  const shared = membership?.referenceModels ?? 0;
  const asked = test.models ?? (shared >= 8 ? shared : enoughModels.soft);
  const models = test.subsetFraction === 0.5 ? asked - (asked % 2) : asked;
  if (models !== asked)
    notices.push(`The bank is trained in complementary pairs: ${models} models instead of ${asked}.`);
  const { most, rule } = keptWeights(audit.model!);
  if (models > most)
    faults.add(
      'ENG_ATTACK_NOT_APPLICABLE',
      `${pointer}/models`,
      `${rule}, got a bank of ${models}`,
      `Ask for at most ${most}, or give the outputs of reference models with the data.`,
    );
  return models;
}

/** Reference models whose outputs every dataset of rows carries; 0 when one of them lacks them. */
function recordedReferences({ datasets }: ResolvedAudit): number {
  const parts = auditedRoles(datasets).map((role) => datasets[role]!.inspected);
  const signals = ['referenceLogits', 'referenceProbabilities', 'referenceLoss', 'referenceScaledConfidence'] as const;
  const told = parts.every(
    ({ fields }) => fields.referenceMember !== undefined && signals.some((signal) => fields[signal] !== undefined),
  );
  return told ? Math.min(...parts.map(({ referenceModels = 0 }) => referenceModels)) : 0;
}

function noteFixedBank(test: Test, models: number, notices: string[]): void {
  if (test.models !== undefined && test.models !== models)
    notices.push(`Memorization takes the ${models} reference models that were given; ${test.models} were asked for.`);
  if (test.subsetFraction !== 0.5)
    notices.push('The reference models that were given decide which share of the samples each trained on.');
}

function chooseMeasure(audit: ResolvedAudit, test: Test, models: number, faults: Faults): 'soft' | 'hard' {
  const known = audit.target !== 'outputs' || tellsClasses(audit);
  if (test.measure === 'hard' && !known)
    faults.add(
      'ENG_ATTACK_NOT_APPLICABLE',
      `${pointer}/measure`,
      'hard memorization asks whether predictions are right, and the datasets carry losses or confidences alone',
      'Give referenceLogits or referenceProbabilities and labels, or ask for the soft measure.',
    );
  if (test.measure !== 'auto') return test.measure;
  return known && models >= hardFrom ? 'hard' : 'soft';
}

function predictsNumbers({ target, datasets }: ResolvedAudit): boolean {
  if (target !== 'outputs') return target === 'regression';
  return auditedRoles(datasets).every((role) => datasets[role]!.inspected.fields.prediction !== undefined);
}

function tellsClasses({ datasets }: ResolvedAudit): boolean {
  return auditedRoles(datasets).every((role) => {
    const { fields } = datasets[role]!.inspected;
    return fields.label !== undefined && (fields.referenceLogits ?? fields.referenceProbabilities) !== undefined;
  });
}

function noteThinBank(models: number, measure: 'soft' | 'hard', notices: string[]): void {
  if (models < enoughModels[measure])
    notices.push(
      `${models} models are few for ${measure} memorization: ${enoughModels[measure]} or more are needed before finding none means something.`,
    );
}

function noteInfluence(
  { datasets }: ResolvedAudit,
  { influence }: Test,
  { models, from }: ChosenBank,
  notices: string[],
): void {
  if (influence === null) return;
  const { population } = datasets;
  if (population === undefined) {
    notices.push(
      'Influence is left out: it needs data.population, test samples that no model of the bank trains on. Half of the bank trains on each non-member.',
    );
    return;
  }
  if (from === 'outputs' && population.inspected.referenceModels !== models) {
    notices.push(
      `Influence is left out: the population carries outputs of ${population.inspected.referenceModels ?? 0} of the ${models} reference models.`,
    );
    return;
  }
  if (models < enoughModels.influence)
    notices.push(
      `${models} models are few for influence: ${enoughModels.influence} or more are needed for single pairs, fewer tell how many pairs there are beyond chance.`,
    );
}

function decideOnion(
  audit: ResolvedAudit,
  onion: NonNullable<Test['onion']>,
  from: ChosenBank['from'],
  faults: Faults,
): MemorizationDecisions['onion'] {
  if (from !== 'trained')
    faults.add(
      'ENG_ATTACK_NOT_APPLICABLE',
      `${pointer}/onion`,
      'the onion trains models anew without the exposed members, and here reference models were given',
      'Leave out the onion, or audit a model that can be trained here without giving reference models.',
    );
  const layer = Math.round(onion.removeFraction * audit.members);
  if (layer < smallestLayer)
    faults.add(
      'ENG_INSUFFICIENT_SAMPLES',
      `${pointer}/onion/removeFraction`,
      `${onion.removeFraction} of ${audit.members} members are ${layer}, and a layer of the onion needs at least ${smallestLayer}`,
      'Remove a larger share, or give more members.',
    );
  return onion;
}
