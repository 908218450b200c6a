import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { defaultReadLimits } from '../limits.js';
import { openDataset } from '../open-dataset.js';
import { MemoryStore } from '../testing/memory-store.js';
import { project, readFiles, refused } from '../testing/read.js';
import { parseNumber } from './parse-number.js';

async function readNumbers(text: string, spec: object, settings: object = {}) {
  const store = new MemoryStore();
  const manifest = { format: 'csv', ...settings, fields: { input: spec } };
  const inspected = await readFiles(manifest, { 'x.csv': Buffer.from(text) }, { store });
  return await openDataset(inspected, store, project).numbers('input');
}

const refusedText = (
  text: string,
  refusal: Parameters<typeof refused>[2],
  fields: object = { input: { column: 'a' } },
) => refused({ format: 'csv', fields }, { 'x.csv': Buffer.from(text) }, refusal);

describe('csv', () => {
  it('reads columns by name in the order asked for', async () => {
    const { data, shape } = await readNumbers('a,b,c\n1,2,3\n4,5,6\n', { columns: ['c', 'a'] });
    assert.deepEqual(shape, [2, 2]);
    assert.deepEqual([...data], [3, 1, 6, 4]);
  });

  it('takes spaces, quotes, blank lines, CRLF, a byte order mark and a missing last line feed', async () => {
    const { data } = await readNumbers('\ufeffa, b\r\n"1", 2\r\n\r\n3,  4e0', { column: 'b' });
    assert.deepEqual([...data], [2, 4]);
  });

  it('takes another delimiter, and names for files without a header', async () => {
    const { data } = await readNumbers('1;2\n3;4\n', { column: 'y' }, { delimiter: ';', header: ['x', 'y'] });
    assert.deepEqual([...data], [2, 4]);
  });

  it('keeps texts as they are, line breaks and spaces included', async () => {
    const store = new MemoryStore();
    const manifest = { format: 'csv', fields: { text: { column: 't' } } };
    const bytes = Buffer.from('n,t\n1," two\nlines "\n2, x\n');
    const inspected = await readFiles(manifest, { 'x.csv': bytes }, { store });
    assert.deepEqual(await openDataset(inspected, store, project).texts('text'), [' two\nlines ', ' x']);
  });

  it('lists the columns there are when one is not', async () => {
    await refusedText('b,c\n1,2\n', {
      code: 'ENG_MANIFEST_INVALID',
      pointer: '/fields/input/column',
      message: /no column "a"; its 2 columns are "b", "c"/,
    });
  });

  it('refuses a column name that occurs twice', async () => {
    await refusedText('a,a\n1,2\n', {
      code: 'ENG_MANIFEST_INVALID',
      pointer: '/fields/input/column',
      message: /more than one column "a"/,
    });
  });

  it('names the row of a label that is not a number, and not what it says', async () => {
    const error = await refusedText(
      'x,y\n1,0\n2,secret\n',
      { code: 'ENG_VALUES_INVALID', pointer: '/fields/label/column', message: /row 1 .*column "y" is not a number/ },
      { input: { column: 'x' }, label: { column: 'y' } },
    );
    assert.doesNotMatch(error.message, /secret/);
    assert.match(error.remedy ?? '', /integers 0/);
  });

  it('counts missing values as not finite', async () => {
    await refusedText('a,b\n1,2\n,2\nNaN,2\ninf,2\n', {
      code: 'ENG_VALUES_NOT_FINITE',
      pointer: '/fields/input/column',
      message: /3 in all, the first in row 1/,
    });
  });

  it('names the line that has other columns than the first', async () => {
    await refusedText('a,b\n1,2\n3\n4,5\n', {
      code: 'ENG_FILE_UNREADABLE',
      pointer: '/fields/input',
      message: /line 3 does not have as many columns/,
    });
  });

  it('calls a record or a quote cut off at the end truncated', async () => {
    for (const text of ['a,b\n1,2\n3', 'a,b\n1,2\n3,"4'])
      await refusedText(text, { code: 'ENG_FILE_TRUNCATED', pointer: '/fields/input', message: /at line 3/ });
  });

  it('refuses files without rows', async () => {
    for (const text of ['', 'a,b\n'])
      await refusedText(text, { code: 'ENG_INSUFFICIENT_SAMPLES', pointer: '/fields/input/column' });
  });

  it('refuses what is not UTF-8, naming the line', async () => {
    const bytes = Buffer.concat([Buffer.from('a\n1\n'), Buffer.from([0xff, 10])]);
    await refused(
      { format: 'csv', fields: { input: { column: 'a' } } },
      { 'x.csv': bytes },
      { code: 'ENG_FILE_UNREADABLE', pointer: '/fields/input', message: /line 3 is not UTF-8/ },
    );
  });

  it('bounds a line and a record', async () => {
    const limits = { ...defaultReadLimits, lineBytes: 1000 };
    for (const text of [`a\n${'1'.repeat(5000)}`, `a\n"${'1\n'.repeat(5000)}"\n`])
      await refused(
        { format: 'csv', fields: { text: { column: 'a' } } },
        { 'x.csv': Buffer.from(text) },
        { code: 'ENG_UPLOAD_TOO_LARGE', pointer: '/fields/text' },
        limits,
      );
  });
});

describe('parseNumber', () => {
  it('reads decimals, booleans and missing values, and nothing else', () => {
    const cases: [string, number | undefined][] = [
      [' 1.5e3 ', 1500],
      ['-0', -0],
      ['True', 1],
      ['false', 0],
      ['', Number.NaN],
      [' NA ', Number.NaN],
      ['-inf', Number.NEGATIVE_INFINITY],
      ['0x10', undefined],
      ['0x0', undefined],
      ['1,5', undefined],
      ['cat', undefined],
    ];
    for (const [text, expected] of cases) assert.ok(Object.is(parseNumber(text), expected), text);
  });
});
