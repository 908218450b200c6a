import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Bundle, EngramError, type ErrorCode, type TypedArray } from '@engram/domain';
import fc from 'fast-check';
import { sha256Hex } from '../digest/sha256.js';
import { decodeBundle, encodeBundle } from './bundle.js';
import {
  parseSafetensorsHeader,
  readSafetensorsHeader,
  type SafetensorsDtype,
  safetensorsHeaderBytes,
} from './safetensors-header.js';
import { decodeTensor } from './safetensors-tensor.js';

function assertCode(run: () => unknown, code: ErrorCode): EngramError {
  let caught: unknown;
  try {
    run();
  } catch (error) {
    caught = error;
  }
  assert.ok(caught instanceof EngramError, `expected an EngramError, got ${String(caught)}`);
  assert.equal(caught.code, code);
  return caught;
}

function fileOf(header: unknown, dataBytes: number): Uint8Array {
  const text = typeof header === 'string' ? header : JSON.stringify(header);
  const json = new TextEncoder().encode(text);
  const file = new Uint8Array(8 + json.length + dataBytes);
  new DataView(file.buffer).setBigUint64(0, BigInt(json.length), true);
  file.set(json, 8);
  return file;
}

function tensor(
  dtype: SafetensorsDtype,
  values: { buffer: ArrayBuffer; byteLength: number; length: number },
): TypedArray {
  const entry = { dtype, shape: [values.length], startByte: 0, endByte: values.byteLength };
  return decodeTensor(entry, new Uint8Array(values.buffer)).data;
}

const bundle: Bundle = {
  arrays: {
    scores: { data: Float64Array.of(0.1, -Infinity, Number.NaN), shape: [3] },
    logits: { data: Float32Array.of(1, 2, 3, 4), shape: [2, 2] },
    membership: { data: Uint8Array.of(1, 0, 1), shape: [3] },
    labels: { data: Int32Array.of(-1, 7), shape: [2, 1] },
    empty: { data: new Float32Array(0), shape: [0, 5] },
    scalar: { data: Float64Array.of(42), shape: [] },
    __proto: { data: Uint8Array.of(9), shape: [1] },
  },
  meta: { model: 'abc', nested: { list: [1, null, 'ü'] } },
};

test('a bundle comes back as it was written', () => {
  const back = decodeBundle(encodeBundle(bundle));
  assert.deepEqual({ ...back.arrays }, bundle.arrays);
  assert.deepEqual(back.meta, bundle.meta);
});

test('any bundle comes back as it was written, from any alignment, Buffer or not', () => {
  const array = fc.oneof(
    fc.float64Array({ maxLength: 9 }),
    fc.float32Array({ maxLength: 9 }),
    fc.int32Array({ maxLength: 9 }),
    fc.uint8Array({ maxLength: 9 }),
  );
  const names = fc.string({ unit: 'binary', maxLength: 8 }).filter((name) => name !== '__metadata__');
  fc.assert(
    fc.property(
      fc.array(fc.tuple(names, array), { maxLength: 5 }),
      fc.nat(7),
      fc.boolean(),
      (pairs, offset, asBuffer) => {
        const arrays = Object.fromEntries(pairs.map(([name, data]) => [name, { data, shape: [data.length] }]));
        const file = encodeBundle({ arrays, meta: {} });
        const room = new Uint8Array(file.length + offset);
        room.set(file, offset);
        const bytes = asBuffer ? Buffer.from(room.buffer, offset, file.length) : room.subarray(offset);
        const back = decodeBundle(bytes);
        assert.deepEqual(Object.keys(back.arrays).sort(), Object.keys(arrays).sort());
        for (const [name, { data }] of Object.entries(arrays)) {
          assert.equal(back.arrays[name]!.data.constructor, data.constructor);
          assert.deepEqual([...back.arrays[name]!.data], [...data]);
        }
      },
    ),
  );
});

test('equal bundles give equal bytes, whatever the order of their keys', () => {
  const reversed: Bundle = {
    arrays: Object.fromEntries(Object.entries(bundle.arrays).reverse()),
    meta: { nested: { list: [1, null, 'ü'] }, model: 'abc' },
  };
  assert.equal(sha256Hex(encodeBundle(bundle)), sha256Hex(encodeBundle(reversed)));
});

test('arrays are views of the file, not copies', () => {
  const file = encodeBundle(bundle);
  const back = decodeBundle(file);
  for (const { data } of Object.values(back.arrays)) assert.equal(data.buffer, file.buffer);
});

test('a view into a larger array is written alone', () => {
  const data = Float64Array.of(1, 2, 3, 4).subarray(1, 3);
  const back = decodeBundle(encodeBundle({ arrays: { part: { data, shape: [2] } }, meta: {} }));
  assert.deepEqual([...back.arrays.part!.data], [2, 3]);
});

test('a file without a description gives an empty one', () => {
  const file = fileOf({ a: { dtype: 'U8', shape: [2], data_offsets: [0, 2] } }, 2);
  assert.deepEqual(decodeBundle(file).meta, {});
});

test('half-precision floats are read exactly', () => {
  // 1, -2, 65504 (largest), 2^-24 (smallest), 2^-14, Infinity, NaN, -0.
  const f16 = tensor('F16', Uint16Array.of(0x3c00, 0xc000, 0x7bff, 0x0001, 0x0400, 0x7c00, 0x7e00, 0x8000));
  assert.deepEqual([...f16], [1, -2, 65504, 2 ** -24, 2 ** -14, Infinity, Number.NaN, -0]);
  const bf16 = tensor('BF16', Uint16Array.of(0x3f80, 0xc040, 0x7f80, 0x0001));
  assert.deepEqual([...bf16], [1, -3, Infinity, 2 ** -133]);
  assert.ok(f16 instanceof Float32Array && bf16 instanceof Float32Array);
});

test('integers become int32 where they fit and float64 where they do not', () => {
  assert.deepEqual(tensor('I64', BigInt64Array.of(-5n, 2n ** 31n - 1n)), Int32Array.of(-5, 2 ** 31 - 1));
  assert.deepEqual(tensor('I64', BigInt64Array.of(2n ** 40n)), Float64Array.of(2 ** 40));
  assert.deepEqual(tensor('U32', Uint32Array.of(2 ** 32 - 1)), Float64Array.of(2 ** 32 - 1));
  assert.deepEqual(tensor('I16', Int16Array.of(-7)), Int32Array.of(-7));
  assert.deepEqual(tensor('BOOL', Uint8Array.of(1, 0)), Uint8Array.of(1, 0));
  assertCode(() => tensor('U64', BigUint64Array.of(2n ** 60n)), 'ENG_FORMAT_UNSUPPORTED');
  assertCode(() => tensor('F8_E4M3', Uint8Array.of(1)), 'ENG_FORMAT_UNSUPPORTED');
});

test('a header can be read from the first bytes of a file', () => {
  const file = encodeBundle(bundle);
  const needed = safetensorsHeaderBytes(file.subarray(0, 8), file.length);
  const header = parseSafetensorsHeader(file.subarray(0, needed), file.length);
  assert.equal(header.dataStartByte, needed);
  assert.equal(header.dataStartByte % 8, 0);
  assert.deepEqual(header.tensors, readSafetensorsHeader(file).tensors);
  assert.deepEqual(header.tensors.get('logits')!.shape, [2, 2]);
});

test('a file cut anywhere is refused as truncated, with both byte counts', () => {
  const file = encodeBundle(bundle);
  for (let length = 0; length < file.length; length += 1) {
    const error = assertCode(() => decodeBundle(file.subarray(0, length), 'x.safetensors'), 'ENG_FILE_TRUNCATED');
    assert.equal(error.details.gotBytes, length);
    assert.ok((error.details.expectedBytes as number) > length);
    assert.match(error.message, /^x\.safetensors: expected \d+ bytes, got \d+$/);
  }
});

test('trailing bytes, gaps and overlaps are refused', () => {
  const file = encodeBundle(bundle);
  const longer = new Uint8Array(file.length + 1);
  longer.set(file);
  assertCode(() => decodeBundle(longer), 'ENG_FILE_UNREADABLE');
  const entry = (start: number, end: number) => ({ dtype: 'U8', shape: [end - start], data_offsets: [start, end] });
  assertCode(() => decodeBundle(fileOf({ a: entry(0, 4), b: entry(2, 6) }, 6)), 'ENG_FILE_UNREADABLE');
  assertCode(() => decodeBundle(fileOf({ a: entry(0, 2), b: entry(4, 6) }, 6)), 'ENG_FILE_UNREADABLE');
  assertCode(() => decodeBundle(fileOf({ a: entry(0, 4), b: entry(0, 4) }, 4)), 'ENG_FILE_UNREADABLE');
});

test('a header that is not what the format asks for is refused', () => {
  const wrong: unknown[] = [
    'not json',
    '[]',
    'null',
    { a: 3 },
    { a: { dtype: 'U8', shape: [4], data_offsets: [0, 2] } },
    { a: { dtype: 'U8', shape: [-4], data_offsets: [0, 4] } },
    { a: { dtype: 'U8', shape: [1.5], data_offsets: [0, 4] } },
    { a: { dtype: 'U8', shape: [2 ** 40, 2 ** 40], data_offsets: [0, 4] } },
    { a: { dtype: 'U8', shape: [4], data_offsets: [4, 0] } },
    { a: { dtype: 'U8', shape: [4], data_offsets: [0] } },
    { __metadata__: { engram: 5 } },
    { __metadata__: { engram: 'not json' } },
    { __metadata__: { engram: '[1]' } },
  ];
  for (const header of wrong) assertCode(() => decodeBundle(fileOf(header, 4)), 'ENG_FILE_UNREADABLE');
  const unknownType = fileOf({ a: { dtype: 'F4', shape: [4], data_offsets: [0, 4] } }, 4);
  assertCode(() => decodeBundle(unknownType), 'ENG_FORMAT_UNSUPPORTED');
});

test('a header that claims to be huge is refused before it is read', () => {
  const bytes = new Uint8Array(16);
  new DataView(bytes.buffer).setBigUint64(0, 2n ** 63n, true);
  assertCode(() => readSafetensorsHeader(bytes), 'ENG_FILE_UNREADABLE');
  const file = encodeBundle(bundle);
  assertCode(() => readSafetensorsHeader(file, { maxHeaderBytes: 16 }), 'ENG_FILE_UNREADABLE');
});

test('random damage never reads outside the file or throws anything but an EngramError', () => {
  const file = encodeBundle(bundle);
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(file.length - 1), fc.nat(255)), { maxLength: 6 }), (edits) => {
      const damaged = file.slice();
      for (const [at, byte] of edits) damaged[at] = byte;
      try {
        decodeBundle(damaged);
      } catch (error) {
        assert.ok(error instanceof EngramError, String(error));
      }
    }),
    { numRuns: 500 },
  );
});

test('an array whose shape and length disagree is not written', () => {
  const wrong: Bundle = { arrays: { a: { data: Float32Array.of(1), shape: [2] } }, meta: {} };
  assertCode(() => encodeBundle(wrong), 'ENG_SHAPE_MISMATCH');
  const reserved: Bundle = { arrays: { __metadata__: { data: Float32Array.of(1), shape: [1] } }, meta: {} };
  assertCode(() => encodeBundle(reserved), 'ENG_SHAPE_MISMATCH');
});
