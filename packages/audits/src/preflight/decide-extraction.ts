import {
  extractionAttacks,
  missingExtractionRequirements,
  type PlannedExtractionAttack,
  parseExtractionAttackRequest,
  thinExtractionRequirements,
} from '@engram/attacks';
import type { ExtractionDecisions } from '../decisions.js';
import type { ResolvedAudit } from '../resources.js';
import { keptTokens } from '../tasks/kept-tokens.js';
import type { Faults } from './faults.js';

export function decideExtraction(audit: ResolvedAudit, faults: Faults, notices: string[]): ExtractionDecisions | null {
  const test = audit.request.tests.extraction;
  if (test === undefined) return null;
  if (audit.target !== 'languageModel') {
    faults.add(
      'ENG_ATTACK_NOT_APPLICABLE',
      '/tests/extraction',
      audit.model === undefined
        ? 'extraction needs a language model, and this audit names no model'
        : `extraction needs a language model, got a ${audit.model.inspected.kind} model for ${audit.model.inspected.task}`,
      'Leave tests.extraction out, or audit a causal language model.',
    );
    return null;
  }
  const pointer = '/tests/extraction/attacks';
  const available = {
    abilities: audit.model!.inspected.abilities,
    records: audit.members,
    controls: audit.nonMembers,
    canaries: audit.datasets.canaries?.inspected.count ?? 0,
  };
  const planned: PlannedExtractionAttack[] =
    test.attacks === 'default'
      ? extractionAttacks
          .filter((attack) => attack.id !== 'exposure' || available.canaries > 0)
          .map((attack) => attack.plan({}, pointer))
      : test.attacks.flatMap((entry, i) => {
          const attack = faults.gather(`${pointer}/${i}`, () => parseExtractionAttackRequest(entry, `${pointer}/${i}`));
          return attack === undefined ? [] : [attack];
        });
  planned.forEach((attack, i) => {
    const at = test.attacks === 'default' ? pointer : `${pointer}/${i}`;
    if (planned.findIndex((other) => other.attack === attack.attack) !== i)
      faults.add('ENG_REQUEST_INVALID', at, `${attack.attack} is named twice; an audit runs it once`);
    for (const missing of missingExtractionRequirements(attack.requires, available))
      faults.add('ENG_ATTACK_NOT_APPLICABLE', at, `${attack.attack}: ${missing.message}`, missing.remedy);
    for (const thin of thinExtractionRequirements(attack.requires, available))
      notices.push(`${attack.attack}: ${thin.message}.`);
    if (attack.attack === 'prefixSuffix') checkWindow(audit, attack, at, faults);
    if (attack.attack === 'exposure') checkCanaries(audit, faults);
  });
  const settings = (id: string) => planned.find((attack) => attack.attack === id)?.params ?? null;
  return { prefixSuffix: settings('prefixSuffix'), exposure: settings('exposure'), texts: test.texts };
}

function checkWindow(audit: ResolvedAudit, attack: PlannedExtractionAttack, at: string, faults: Faults): void {
  const { prefixTokens, suffixTokens, decoders } = attack.params as unknown as {
    prefixTokens: number;
    suffixTokens: number;
    decoders: readonly ('greedy' | { topK?: number })[];
  };
  const context = audit.model!.inspected.contextLength ?? Number.POSITIVE_INFINITY;
  // One place is kept for a token the tokenizer may put before every text.
  if (prefixTokens + suffixTokens + 1 > context)
    faults.add(
      'ENG_ATTACK_NOT_APPLICABLE',
      at,
      `a prefix of ${prefixTokens} and a suffix of ${suffixTokens} tokens do not fit the model's context of ${context}`,
      'Shorten prefixTokens or suffixTokens.',
    );
  for (const decoder of decoders)
    if (decoder !== 'greedy' && decoder.topK !== undefined && decoder.topK > keptTokens)
      faults.add(
        'ENG_REQUEST_INVALID',
        at,
        `topK up to ${keptTokens} can be computed exactly here, got ${decoder.topK}`,
        `Ask for a topK of ${keptTokens} or less.`,
      );
}

function checkCanaries(audit: ResolvedAudit, faults: Faults): void {
  const fields = audit.datasets.canaries?.inspected.fields;
  if (fields === undefined) return;
  for (const name of ['text', 'secret', 'repetitions'] as const)
    if (fields[name] === undefined)
      faults.add(
        'ENG_DATA_MODEL_MISMATCH',
        '/data/canaries',
        `canaries need the fields text, secret and repetitions; ${name} is missing`,
        'Give the whole text of each canary, the secret inside it, and how often it was planted (0 = never).',
      );
}
