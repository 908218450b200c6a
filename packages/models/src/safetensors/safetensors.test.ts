import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { EngramError } from '@engram/domain';
import fc from 'fast-check';
import { parseSafetensorsHeader, readSafetensorsFloats, writeSafetensors } from './index.js';

const tensors = fc.dictionary(
  fc.string({ minLength: 1 }).filter((name) => name !== '__metadata__' && name !== '__proto__'),
  fc.float32Array({ minLength: 0, maxLength: 20 }).map((data) => ({ data, shape: [data.length] })),
);

/** A file of one tensor of raw bytes. */
function fileOf(dtype: string, shape: number[], data: Uint8Array): Uint8Array {
  const header = new TextEncoder().encode(JSON.stringify({ w: { dtype, shape, data_offsets: [0, data.length] } }));
  const file = new Uint8Array(8 + header.length + data.length);
  new DataView(file.buffer).setBigUint64(0, BigInt(header.length), true);
  file.set(header, 8);
  file.set(data, 8 + header.length);
  return file;
}
const read = (file: Uint8Array) =>
  readSafetensorsFloats(file, parseSafetensorsHeader(file, file.length, 'f'), 'w').data;

describe('safetensors', () => {
  it('reads back what it writes', () => {
    fc.assert(
      fc.property(tensors, (written) => {
        const file = writeSafetensors(written);
        const header = parseSafetensorsHeader(file, file.length, 'f');
        assert.deepEqual([...header.entries.keys()].sort(), Object.keys(written).sort());
        for (const [name, { data }] of Object.entries(written))
          assert.deepEqual(readSafetensorsFloats(file, header, name).data, data);
      }),
    );
  });

  it('answers any damage to a file with one of its own errors', () => {
    const whole = writeSafetensors({
      a: { data: Float32Array.of(1, 2, 3), shape: [3] },
      b: { data: Float32Array.of(4), shape: [1, 1] },
    });
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), fc.nat(whole.length), (at, byte, length) => {
        const damaged = Uint8Array.from(whole).subarray(0, length);
        if (at < length) damaged[at] = byte;
        try {
          const header = parseSafetensorsHeader(damaged, damaged.length, 'f');
          for (const [name, entry] of header.entries)
            if (entry.dtype === 'F32') readSafetensorsFloats(damaged, header, name);
        } catch (error) {
          assert.ok(error instanceof EngramError, String(error));
          assert.match(error.code, /^ENG_(FILE_UNREADABLE|FILE_TRUNCATED|FORMAT_UNSUPPORTED)$/);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('reads halves, bfloats and doubles exactly', () => {
    // 1, −2, smallest subnormal, largest finite, infinity, no number: IEEE 754 binary16.
    const halves = Uint16Array.of(0x3c00, 0xc000, 0x0001, 0x7bff, 0x7c00, 0x7e00);
    assert.deepEqual(
      [...read(fileOf('F16', [6], new Uint8Array(halves.buffer)))],
      [1, -2, 2 ** -24, 65504, Number.POSITIVE_INFINITY, Number.NaN],
    );
    // The upper halves of float32 1, −2 and 3.140625.
    const bfloats = Uint16Array.of(0x3f80, 0xc000, 0x4049);
    assert.deepEqual([...read(fileOf('BF16', [3], new Uint8Array(bfloats.buffer)))], [1, -2, 3.140625]);
    assert.deepEqual([...read(fileOf('F64', [1], new Uint8Array(Float64Array.of(0.5).buffer)))], [0.5]);
  });

  it('refuses integers, unknown types, and tensors that overlap or leave gaps', () => {
    const refuses = (file: Uint8Array, code: string) =>
      assert.throws(
        () => read(file),
        (error: unknown) => error instanceof EngramError && error.code === code,
      );
    refuses(fileOf('I32', [1], new Uint8Array(4)), 'ENG_FORMAT_UNSUPPORTED');
    refuses(fileOf('F8_E4M3', [1], new Uint8Array(1)), 'ENG_FORMAT_UNSUPPORTED');
    refuses(fileOf('F32', [2], new Uint8Array(4)), 'ENG_FILE_UNREADABLE');
    const overlapping = {
      a: { dtype: 'F32', shape: [1], data_offsets: [0, 4] },
      w: { dtype: 'F32', shape: [1], data_offsets: [2, 6] },
    };
    const header = new TextEncoder().encode(JSON.stringify(overlapping));
    const file = new Uint8Array(8 + header.length + 6);
    new DataView(file.buffer).setBigUint64(0, BigInt(header.length), true);
    file.set(header, 8);
    refuses(file, 'ENG_FILE_UNREADABLE');
  });
});
