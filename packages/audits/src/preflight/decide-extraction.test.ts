import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { dataset, languageModel, texts } from '../testing/made-resources.js';
import { itRefuses, settle } from '../testing/settle.js';

const mails = { members: texts('m'), nonMembers: texts('n') };
const outputs = (id: string, fields: Parameters<typeof dataset>[0] = {}) => dataset({ id, ...fields });

describe('deciding on extraction', () => {
  itRefuses([
    ['extraction from a classifier', { tests: { extraction: {} } }, 'ENG_ATTACK_NOT_APPLICABLE', ['/tests/extraction']],
    [
      'extraction without a model',
      {
        model: null,
        tests: { extraction: {} },
        datasets: {
          members: outputs('m', { fields: { loss: [] } }),
          nonMembers: outputs('n', { fields: { loss: [] } }),
        },
      },
      'ENG_ATTACK_NOT_APPLICABLE',
      ['/tests/extraction'],
    ],
    [
      'a window longer than the context',
      {
        model: languageModel(),
        datasets: mails,
        tests: { extraction: { attacks: [{ attack: 'prefixSuffix', prefixTokens: 200, suffixTokens: 56 }] } },
      },
      'ENG_ATTACK_NOT_APPLICABLE',
      ['/tests/extraction/attacks/0'],
    ],
    [
      'a decoder of more tokens than are kept',
      {
        model: languageModel(),
        datasets: mails,
        tests: { extraction: { attacks: [{ attack: 'prefixSuffix', decoders: [{ temperature: 1, topK: 41 }] }] } },
      },
      'ENG_REQUEST_INVALID',
      ['/tests/extraction/attacks/0'],
    ],
    [
      'a window longer than any control text',
      {
        model: languageModel(),
        datasets: { members: texts('m'), nonMembers: dataset({ id: 'n', fields: { text: { longestBytes: 90 } } }) },
        tests: { extraction: {} },
      },
      'ENG_INSUFFICIENT_SAMPLES',
      ['/data/nonMembers'],
    ],
    [
      'an extraction attack named twice',
      {
        model: languageModel(),
        datasets: mails,
        tests: { extraction: { attacks: ['prefixSuffix', { attack: 'prefixSuffix', suffixTokens: 20 }] } },
      },
      'ENG_REQUEST_INVALID',
      ['/tests/extraction/attacks/1'],
    ],
    [
      'exposure without canaries',
      {
        model: languageModel(),
        datasets: mails,
        tests: { extraction: { attacks: ['exposure'] } },
      },
      'ENG_ATTACK_NOT_APPLICABLE',
      ['/tests/extraction/attacks/0'],
    ],
    [
      'canaries without their repetitions',
      {
        model: languageModel(),
        datasets: {
          members: texts('m'),
          nonMembers: texts('n'),
          canaries: dataset({
            id: 'c',
            count: 30,
            fields: { text: { longestBytes: 40 }, secret: { longestBytes: 9 } },
          }),
        },
        tests: { extraction: {} },
      },
      'ENG_DATA_MODEL_MISMATCH',
      ['/data/canaries'],
    ],
    [
      'canaries with secrets of another length than their space',
      {
        model: languageModel(),
        datasets: {
          members: texts('m'),
          nonMembers: texts('n'),
          canaries: dataset({
            id: 'c',
            count: 30,
            fields: { text: { longestBytes: 40 }, secret: { longestBytes: 6 }, repetitions: [] },
          }),
        },
        tests: { extraction: { attacks: [{ attack: 'exposure', length: 4 }] } },
      },
      'ENG_DATA_MODEL_MISMATCH',
      ['/tests/extraction/attacks/0'],
    ],
  ]);

  it('leaves exposure out of the default suite where there are no canaries', () => {
    const without = settle({ model: languageModel(), datasets: mails, tests: { extraction: {} } }).extraction!;
    assert.deepEqual([without.exposure, without.prefixSuffix?.prefixTokens, without.texts], [null, 50, 'redacted']);
  });
});
