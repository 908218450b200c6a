import {
  extractionAttacks,
  missingExtractionRequirements,
  type PlannedExtractionAttack,
  parseExtractionAttackRequest,
  thinExtractionRequirements,
} from '@engram/attacks';
import type { ExtractionDecisions } from '../decisions.js';
import { auditedRoles, type ResolvedAudit } from '../resources.js';
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
  const planned: { readonly attack: PlannedExtractionAttack; readonly at: string }[] =
    test.attacks === 'default'
      ? extractionAttacks
          .filter((attack) => attack.id !== 'exposure' || available.canaries > 0)
          .map((attack) => ({ attack: attack.plan({}, pointer), at: pointer }))
      : test.attacks.flatMap((entry, i) => {
          const at = `${pointer}/${i}`;
          const attack = faults.gather(at, () => parseExtractionAttackRequest(entry, at));
          return attack === undefined ? [] : [{ attack, at }];
        });
  planned.forEach(({ attack, at }, i) => {
    if (planned.findIndex((other) => other.attack.attack === attack.attack) !== i)
      faults.add(
        'ENG_REQUEST_INVALID',
        at,
        `${attack.attack} is named twice; an audit runs it once`,
        'Name each extraction attack once; other parameters go into another audit.',
      );
    for (const missing of missingExtractionRequirements(attack.requires, available))
      faults.add('ENG_ATTACK_NOT_APPLICABLE', at, `${attack.attack}: ${missing.message}`, missing.remedy);
    for (const thin of thinExtractionRequirements(attack.requires, available))
      notices.push(`${attack.attack}: ${thin.message}.`);
    if (attack.attack === 'prefixSuffix') checkWindow(audit, attack, at, faults);
    if (attack.attack === 'exposure') checkCanaries(audit, attack, at, faults);
  });
  const settings = (id: string) => planned.find(({ attack }) => attack.attack === id)?.attack.params ?? null;
  return { prefixSuffix: settings('prefixSuffix'), exposure: settings('exposure'), texts: test.texts };
}

function checkWindow(audit: ResolvedAudit, attack: PlannedExtractionAttack, at: string, faults: Faults): void {
  const { prefixTokens, suffixTokens, decoders } = attack.params as unknown as {
    prefixTokens: number;
    suffixTokens: number;
    decoders: readonly ('greedy' | { topK?: number })[];
  };
  for (const role of auditedRoles(audit.datasets)) {
    const text = audit.datasets[role]?.inspected.fields.text;
    // A token is at least a byte; a tokenizer may put one more before the text.
    if (text?.kind !== 'text' || text.longestBytes + 1 >= prefixTokens + suffixTokens) continue;
    faults.add(
      'ENG_INSUFFICIENT_SAMPLES',
      `/data/${role}`,
      `a prefix of ${prefixTokens} and a suffix of ${suffixTokens} tokens are longer than the longest text, of ${text.longestBytes} bytes`,
      'Shorten prefixTokens or suffixTokens, or give longer texts.',
    );
  }
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

function checkCanaries(audit: ResolvedAudit, attack: PlannedExtractionAttack, at: string, faults: Faults): void {
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
  const { alphabet, length } = attack.params as unknown as { alphabet: string; length: number };
  const { secret } = fields;
  // Bytes and characters are the same thing for plain letters and digits only.
  if (secret?.kind !== 'text' || !/^[ -~]+$/.test(alphabet) || secret.longestBytes === length) return;
  faults.add(
    'ENG_DATA_MODEL_MISMATCH',
    at,
    `exposure looks among secrets of ${length} characters, and the longest secret of the canaries has ${secret.longestBytes} bytes`,
    'Set alphabet and length of the exposure attack to the space the secrets were drawn from.',
  );
}
