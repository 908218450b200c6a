import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { ElementType } from '../columns/elements.js';
import { defaultReadLimits } from '../limits.js';
import { openDataset } from '../open-dataset.js';
import { MemoryStore } from '../testing/memory-store.js';
import { numpyFile } from '../testing/numpy-files.js';
import { project, readFiles, refused } from '../testing/read.js';
import { npyBytes, npyFile, zipBytes } from '../testing/write-formats.js';
import { parsePythonLiteral } from './python-literal.js';

const inputOnly = { format: 'npy', fields: { input: { file: 'x.npy' } } };

async function readInput(bytes: Uint8Array, chunkBytes = 65_536) {
  const store = new MemoryStore();
  store.chunkBytes = chunkBytes;
  const inspected = await readFiles(inputOnly, { 'x.npy': bytes }, { store });
  return { inspected, ...(await openDataset(inspected, store, project).numbers('input')) };
}

const counting = Array.from({ length: 24 }, (_, i) => i - 5);

describe('files written by NumPy', () => {
  it('turns a Fortran-ordered array of shape (2, 3, 4) round', async () => {
    const { data, shape } = await readInput(numpyFile('fortran'));
    assert.deepEqual(shape, [2, 3, 4]);
    assert.ok(data instanceof Float32Array);
    assert.deepEqual([...data], counting);
  });

  it('reads big-endian int16 as int32', async () => {
    const { data } = await readInput(numpyFile('big'));
    assert.ok(data instanceof Int32Array);
    assert.deepEqual([...data], counting);
  });

  it('reads float16 exactly', async () => {
    const { data } = await readInput(numpyFile('half'));
    // float(np.float16(0.1)); the smallest subnormal, 2^-24, for 6e-8
    assert.deepEqual([...data], [0.0999755859375, -2.5, 65504, 2 ** -24, -0]);
  });

  it('reads header version 2', async () => {
    const { data, shape } = await readInput(numpyFile('version2'));
    assert.deepEqual(shape, [2, 1]);
    assert.deepEqual([...data], [251, 7]);
  });

  it('reads big-endian int64 beyond int32 as float64', async () => {
    const { data, inspected } = await readInput(numpyFile('big64'));
    assert.ok(data instanceof Float64Array);
    assert.deepEqual([...data], [-1, 2 ** 40, 2 ** 53]);
    assert.equal(inspected.fields.input?.kind === 'numeric' && inspected.fields.input.maximum, 2 ** 53);
  });

  it('keeps int64 ids exact', async () => {
    const store = new MemoryStore();
    const manifest = { format: 'npy', fields: { loss: { file: 'l.npy' }, id: { file: 'i.npy' } } };
    const loss = npyBytes({ shape: [3], values: [1, 2, 3] }, 'float32');
    const inspected = await readFiles(manifest, { 'l.npy': loss, 'i.npy': numpyFile('ids') }, { store });
    const ids = await openDataset(inspected, store, project).ids();
    assert.deepEqual(ids, ['9223372036854775807', '-9223372036854775808', '7']);
  });

  it('reads fixed-width strings', async () => {
    const store = new MemoryStore();
    const manifest = { format: 'npy', fields: { text: { file: 't.npy' } } };
    const inspected = await readFiles(manifest, { 't.npy': numpyFile('strings') }, { store });
    assert.deepEqual(await openDataset(inspected, store, project).texts('text'), ['one', 'häß', '🎉x']);
  });

  for (const name of ['npz', 'npzPacked'] as const)
    it(`reads ${name === 'npz' ? 'savez' : 'savez_compressed'} archives`, async () => {
      const store = new MemoryStore();
      const manifest = { format: 'npz', fields: { input: { array: 'x' }, label: { array: 'y' } } };
      const inspected = await readFiles(manifest, { 'a.npz': numpyFile(name) }, { store });
      assert.equal(inspected.classCount, 2);
      const { data, shape } = await openDataset(inspected, store, project).numbers('input');
      assert.deepEqual(shape, [2, 3, 4]);
      assert.deepEqual([...data], counting);
    });

  it('refuses pickled objects as unsafe', async () => {
    await refused(
      inputOnly,
      { 'x.npy': numpyFile('object') },
      { code: 'ENG_FORMAT_UNSUPPORTED', pointer: '/fields/input/file', message: /pickle: opening one can run code/ },
    );
  });

  it('refuses records of several types', async () => {
    await refused(
      inputOnly,
      { 'x.npy': numpyFile('record') },
      { code: 'ENG_FORMAT_UNSUPPORTED', pointer: '/fields/input/file' },
    );
  });
});

const exactInt: Partial<Record<ElementType, [number, number]>> = {
  uint8: [0, 255],
  int8: [-128, 127],
  uint16: [0, 65_535],
  int16: [-32_768, 32_767],
  uint32: [0, 2 ** 32 - 1],
  int32: [-(2 ** 31), 2 ** 31 - 1],
  uint64: [0, 2 ** 53],
  int64: [-(2 ** 53), 2 ** 53],
};

describe('npy', () => {
  it('gives back what was written: any integer type, byte order, memory order and version', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...(Object.keys(exactInt) as ElementType[])),
        fc.boolean(),
        fc.boolean(),
        fc.constantFrom(1, 2, 3),
        fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 40 }),
        fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
        async (type, bigEndian, fortran, version, shape, chunkBytes, units) => {
          const [low, high] = exactInt[type]!;
          const length = shape.reduce((a, b) => a * b, 1);
          const values = Array.from({ length }, () => Math.round(low + units.next().value! * (high - low)));
          const bytes = npyBytes({ shape, values }, type, { bigEndian, fortran, version: version as 1 | 2 | 3 });
          const read = await readInput(bytes, chunkBytes);
          assert.deepEqual(read.shape, shape);
          assert.deepEqual([...read.data], values);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('turns Fortran order round out of compressed archives too', async () => {
    const bytes = npyBytes({ shape: [3, 2], values: [1, 2, 3, 4, 5, 6] }, 'float64', { fortran: true });
    const store = new MemoryStore();
    const files = { 'a.npz': zipBytes([{ name: 'x.npy', bytes }], true) };
    const inspected = await readFiles({ format: 'npz', fields: { input: { array: 'x' } } }, files, { store });
    const { data } = await openDataset(inspected, store, project).numbers('input');
    assert.deepEqual([...data], [1, 2, 3, 4, 5, 6]);
    // The archive and one column: what was spooled is gone.
    assert.equal(store.artifacts.size, 2);
  });

  it('states both sizes of a truncated file', async () => {
    const bytes = npyBytes({ shape: [100], values: Array(100).fill(1) }, 'float32');
    const error = await refused(
      inputOnly,
      { 'x.npy': bytes.subarray(0, 200) },
      { code: 'ENG_FILE_TRUNCATED', pointer: '/fields/input/file', message: /528 bytes by its own header, got 200/ },
    );
    assert.deepEqual(error.details, { expectedBytes: 528, gotBytes: 200 });
  });

  it('refuses bytes after the data', async () => {
    const bytes = Buffer.concat([npyBytes({ shape: [1], values: [1] }, 'float32'), Buffer.from('x')]);
    await refused(
      inputOnly,
      { 'x.npy': bytes },
      { code: 'ENG_FILE_UNREADABLE', pointer: '/fields/input/file', message: /132 bytes, and more/ },
    );
  });

  it('refuses a header that claims more rows than are read', async () => {
    const bytes = npyFile('<f4', false, [50_000_000], new Uint8Array(4), 1);
    await refused(inputOnly, { 'x.npy': bytes }, { code: 'ENG_FILE_TRUNCATED', pointer: '/fields/input/file' });
    const small = { ...defaultReadLimits, rows: 5 };
    const six = npyBytes({ shape: [6], values: [1, 2, 3, 4, 5, 6] }, 'float32');
    await refused(inputOnly, { 'x.npy': six }, { code: 'ENG_UPLOAD_TOO_LARGE', pointer: '/fields/input/file' }, small);
  });

  it('refuses shapes that overflow, are empty, or have no axis', async () => {
    const shapes: [number[], string][] = [
      [[2 ** 40, 2 ** 40], 'ENG_FILE_UNREADABLE'],
      [[], 'ENG_FORMAT_UNSUPPORTED'],
      [[0, 3], 'ENG_INSUFFICIENT_SAMPLES'],
      [[3, 0], 'ENG_FIELDS_INCONSISTENT'],
    ];
    for (const [shape, code] of shapes)
      await refused(
        inputOnly,
        { 'x.npy': npyFile('<f4', false, shape, new Uint8Array(0), 1) },
        { code: code as 'ENG_FILE_UNREADABLE', pointer: '/fields/input/file' },
      );
  });

  it('bounds Fortran-ordered arrays', async () => {
    const bytes = npyBytes({ shape: [2, 2], values: [1, 2, 3, 4] }, 'float32', { fortran: true });
    await refused(
      inputOnly,
      { 'x.npy': bytes },
      { code: 'ENG_UPLOAD_TOO_LARGE', pointer: '/fields/input/file', message: /16 bytes in Fortran order/ },
      { ...defaultReadLimits, fortranBytes: 15 },
    );
  });
});

describe('parsePythonLiteral', () => {
  it('reads what headers are made of', () => {
    const parsed = parsePythonLiteral("{'a': (1, -2L,), \"b\": [True, None], 'c': False, }");
    assert.deepEqual(
      parsed,
      new Map<string, unknown>([
        ['a', [1, -2]],
        ['b', [true, null]],
        ['c', false],
      ]),
    );
  });

  it('evaluates nothing and never hangs: anything else is a syntax error', () => {
    for (const text of ['__import__("os")', '1+1', '{a: 1}', "{'a': 1", '((((((((((1))))))))))', "'\\x00'", '', '1 2'])
      assert.throws(() => parsePythonLiteral(text), SyntaxError);
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'{}()[],:\'" 1TrueNone') }), (text) => {
        try {
          parsePythonLiteral(text);
        } catch (error) {
          assert.ok(error instanceof SyntaxError);
        }
      }),
    );
  });
});
