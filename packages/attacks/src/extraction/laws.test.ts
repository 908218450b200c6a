import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { EngramError } from '@engram/domain';
import { createRandom } from '@engram/numeric';
import { z } from 'zod';
import { parameterGrid } from '../parameter-grid.js';
import { extractionAttackRequest, parseExtractionAttackRequest } from './attack-request.js';
import { extractionAttacks } from './catalog.js';
import type { ExtractionSignals } from './define-attack.js';
import { missingExtractionRequirements, thinExtractionRequirements } from './requirements.js';
import { concatTokenSignals, type TokenSignals, tokenSignalsFromLogits } from './token-signals.js';

const context = { seed: 7 };
const planned = extractionAttacks.flatMap((attack) =>
  parameterGrid(attack.params).map((params) => parseExtractionAttackRequest({ attack: attack.id, ...params })),
);

/** Twenty records and canaries; the first ten memorized: their tokens and secrets are made likelier. */
function toySignals(seed: number): Required<ExtractionSignals> & { records: TokenSignals[] } {
  const random = createRandom(seed);
  const records = Array.from({ length: 20 }, (_, r) => {
    const targets = Int32Array.from({ length: 6 }, () => random.integer(30));
    const logits = Float64Array.from({ length: 180 }, (_, at) => {
      const lift = r < 10 && at % 30 === targets[Math.floor(at / 30)] ? 5 : 0;
      return random.normal() + lift;
    });
    return tokenSignalsFromLogits({ data: logits, shape: [6, 30] }, targets, 30);
  });
  return {
    records,
    suffixes: concatTokenSignals(records),
    canaries: {
      logPerplexityBits: Float64Array.from({ length: 20 }, (_, i) => 40 - (i < 10 ? 12 : 0) + 3 * random.normal()),
      repetitions: Int32Array.from({ length: 20 }, (_, i) => (i < 10 ? 10 : 0)),
      references: [Float64Array.from({ length: 1000 }, () => 40 + 3 * random.normal())],
      spaceBits: 30,
      enumerated: false,
    },
  };
}

for (const attack of planned) {
  describe(attack.scoreId, () => {
    test('puts memorized records above others', () => {
      const scores = attack.score(toySignals(1), context);
      assert.equal(scores.length, 20);
      assert.ok(Math.min(...scores.subarray(0, 10)) > Math.max(...scores.subarray(10)));
    });

    test('gives no NaN, the same scores twice, and leaves its inputs alone', () => {
      const signals = toySignals(2);
      const before = structuredClone(signals);
      const scores = attack.score(signals, context);
      assert.ok(!scores.some(Number.isNaN) && !scores.includes(Infinity));
      assert.deepEqual(attack.score(signals, context), scores);
      assert.deepEqual(signals, before);
    });

    test('permutes its scores with records and canaries', () => {
      const { records, suffixes, canaries } = toySignals(3);
      const scores = attack.score({ suffixes, canaries }, context);
      const permuted = attack.score(
        {
          suffixes: concatTokenSignals(records.toReversed()),
          canaries: {
            ...canaries,
            logPerplexityBits: canaries.logPerplexityBits.toReversed(),
            repetitions: canaries.repetitions.toReversed(),
          },
        },
        context,
      );
      assert.deepEqual(permuted.reverse(), scores);
    });

    test('refuses to run without what it reads', () => {
      assert.throws(
        () => attack.score({}, context),
        (error: unknown) => error instanceof EngramError && error.code === 'ENG_ATTACK_NOT_APPLICABLE',
      );
    });

    test('says what is missing before it runs', () => {
      const nothing = { abilities: [], records: 0, controls: 0, canaries: 0 };
      const missing = missingExtractionRequirements(attack.requires, nothing);
      assert.equal(missing.length, attack.requires.length);
      assert.ok(missing.every(({ message, remedy }) => /^expected .*, got /.test(message) && remedy.endsWith('.')));
      const plenty = { abilities: ['perTokenLogProbs'] as const, records: 1e4, controls: 1e4, canaries: 100 };
      assert.deepEqual(missingExtractionRequirements(attack.requires, plenty), []);
      assert.deepEqual(thinExtractionRequirements(attack.requires, plenty), []);
      const thin = { ...plenty, controls: 5, canaries: 5 };
      assert.equal(thinExtractionRequirements(attack.requires, thin).length, 1);
    });
  });
}

test('score ids are unique over parameters, decoders included', () => {
  const ids = [
    ...planned,
    parseExtractionAttackRequest({ attack: 'prefixSuffix', decoders: ['greedy'] }),
    parseExtractionAttackRequest({ attack: 'prefixSuffix', decoders: [{ temperature: 0.8 }] }),
    parseExtractionAttackRequest({ attack: 'prefixSuffix', prefixTokens: 20 }),
  ].map(({ scoreId }) => scoreId);
  assert.equal(new Set(ids).size, ids.length);
  for (const id of ids) assert.match(id, /^[A-Za-z][A-Za-z0-9_-]*$/);
});

test('a decoder may leave out its temperature, and a wrong one is refused where it stands', () => {
  const { settings } = parseExtractionAttackRequest({ attack: 'prefixSuffix', decoders: [{ topK: 5 }] });
  assert.deepEqual((settings as { decoders: unknown }).decoders, [{ temperature: 1, topK: 5 }]);
  assert.throws(
    () => parseExtractionAttackRequest({ attack: 'prefixSuffix', decoders: [{ topK: 0 }] }, '/attacks/0'),
    (error: unknown) => error instanceof EngramError && error.faults[0].pointer.startsWith('/attacks/0/decoders/0'),
  );
});

test('the request schema describes every attack in JSON Schema', () => {
  const described = JSON.stringify(z.toJSONSchema(extractionAttackRequest, { io: 'input' }));
  for (const attack of extractionAttacks) assert.ok(described.includes(`"const":"${attack.id}"`), attack.id);
});
