import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { defaultReadLimits } from '../limits.js';
import { openDataset } from '../open-dataset.js';
import { MemoryStore } from '../testing/memory-store.js';
import { project, readFiles, refused } from '../testing/read.js';
import { parseLine } from './parse-line.js';

const input = { input: { column: 'x' } };
const refusedText = (text: string, refusal: Parameters<typeof refused>[2], fields: object = input) =>
  refused({ format: 'jsonl', fields }, { 'x.jsonl': Buffer.from(text) }, refusal);

describe('jsonl', () => {
  it('reads nested arrays, several scalar keys, booleans and integers written as strings', async () => {
    const store = new MemoryStore();
    const fields = {
      input: { column: 'x' },
      logits: { columns: ['a', 'b'] },
      member: { column: 'm' },
      label: { column: 'y' },
    };
    const lines = [
      {
        x: [
          [1, 2, 3],
          [4, 5, 6],
        ],
        a: 0.5,
        b: 1,
        m: true,
        y: '0',
      },
      {
        x: [
          [6, 5, 4],
          [3, 2, 1],
        ],
        a: 1.5,
        b: 2,
        m: false,
        y: '1',
      },
    ];
    const bytes = Buffer.from(lines.map((line) => JSON.stringify(line)).join('\r\n\n'));
    const inspected = await readFiles({ format: 'jsonl', fields }, { 'x.jsonl': bytes }, { store });
    const dataset = openDataset(inspected, store, project);
    assert.deepEqual((await dataset.numbers('input')).shape, [2, 2, 3]);
    assert.deepEqual([...(await dataset.numbers('input', 1)).data], [6, 5, 4, 3, 2, 1]);
    assert.deepEqual([...(await dataset.numbers('logits')).data], [0.5, 1, 1.5, 2]);
    assert.deepEqual([...(await dataset.numbers('label')).data], [0, 1]);
    assert.equal(inspected.members, 1);
  });

  it('names the line a file is cut off in', async () => {
    await refusedText('{"x":1}\n{"x":', {
      code: 'ENG_FILE_TRUNCATED',
      pointer: '/fields/input',
      message: /inside line 2, after 5 bytes/,
    });
  });

  it('names a damaged line and does not quote it', async () => {
    const error = await refusedText('{"x":1}\n{"x": secret}\n{"x":2}\n', {
      code: 'ENG_FILE_UNREADABLE',
      pointer: '/fields/input',
      message: /line 2 is not JSON/,
    });
    assert.doesNotMatch(JSON.stringify([error.message, error.faults, error.details, String(error.cause)]), /secret/);
  });

  it('refuses lines that are not objects', async () => {
    for (const text of ['[1]\n', '1\n', 'null\n'])
      await refusedText(text, {
        code: 'ENG_FILE_UNREADABLE',
        pointer: '/fields/input',
        message: /line 1 is not a JSON object/,
      });
  });

  it('counts null, NaN and Infinity as not finite', async () => {
    await refusedText('{"x":1}\n{"x":null}\n{"x":NaN}\n{"x":-Infinity}\n', {
      code: 'ENG_VALUES_NOT_FINITE',
      pointer: '/fields/input/column',
      message: /3 in all, the first in row 1/,
    });
  });

  it('refuses rows of another shape than the first', async () => {
    for (const [text, line] of [
      ['{"x":[1,2]}\n{"x":[1,2,3]}\n', 2],
      ['{"x":[1,2]}\n{"x":1}\n', 2],
      ['{"x":1}\n{"x":[1]}\n', 2],
      ['{"x":[[1,2],[3]]}\n', 1],
      ['{"x":[]}\n', 1],
    ] as const)
      await refusedText(text, {
        code: 'ENG_FIELDS_INCONSISTENT',
        pointer: '/fields/input/column',
        message: new RegExp(`line ${line} has`),
      });
  });

  it('lists the keys there are when one is not, and names a later line without it', async () => {
    await refusedText('{"a":1,"b":2}\n', {
      code: 'ENG_MANIFEST_INVALID',
      pointer: '/fields/input/column',
      message: /no key "x"; its keys are "a", "b"/,
    });
    await refusedText('{"x":1}\n{"a":1}\n', {
      code: 'ENG_FIELDS_INCONSISTENT',
      pointer: '/fields/input/column',
      message: /line 2 has no key "x"/,
    });
  });

  it('does not take inherited properties for keys', async () => {
    await refusedText(
      '{"a":1}\n',
      { code: 'ENG_MANIFEST_INVALID', pointer: '/fields/input/column' },
      { input: { column: 'constructor' } },
    );
  });

  it('refuses numbers where a string is wanted within a list, and strings where numbers are', async () => {
    await refusedText(
      '{"x":["a"]}\n',
      { code: 'ENG_VALUES_INVALID', pointer: '/fields/text/column', message: /line 1 has an array for text/ },
      { text: { column: 'x' } },
    );
    await refusedText('{"x":"cat"}\n', {
      code: 'ENG_VALUES_INVALID',
      pointer: '/fields/input/column',
      message: /line 1 \(row 0, counted from 0\) has a string/,
    });
  });

  it('bounds a line', async () => {
    const bytes = Buffer.from(`{"x":"${'a'.repeat(5000)}"}`);
    await refused(
      { format: 'jsonl', fields: { text: { column: 'x' } } },
      { 'x.jsonl': bytes },
      { code: 'ENG_UPLOAD_TOO_LARGE', pointer: '/fields/text', message: /more than 1000 bytes/ },
      { ...defaultReadLimits, lineBytes: 1000 },
    );
  });

  it('refuses arrays nested without end', async () => {
    const deep = `{"x":${'['.repeat(5000)}1${']'.repeat(5000)}}\n`;
    await refusedText(deep, { code: 'ENG_FIELDS_INCONSISTENT', pointer: '/fields/input/column' });
  });
});

describe('parseLine', () => {
  it('reads NaN and Infinity outside strings as null', () => {
    assert.deepEqual(parseLine('{"NaN":"a \\"NaN\\" b","x":[NaN,-Infinity,Infinity,1]}'), {
      NaN: 'a "NaN" b',
      x: [null, null, null, 1],
    });
  });
});
