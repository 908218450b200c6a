import assert from 'node:assert/strict';
import type { NdArray } from '@engram/domain';
import { type Engine, openEngine } from '../engine.js';
import { setUpNative } from '../native/set-up.js';

/** The engine the tests use: the native library set up (from the cache after the first time), two threads. */
export async function testEngine(): Promise<Engine> {
  await setUpNative({
    device: 'cpu',
    onProgress: ({ step, message }) => {
      if (step === 'compile') process.stderr.write(`${message}\n`);
    },
  });
  return openEngine({ threads: 2 });
}

/** Numbers without a pattern that would hide a transposition, the same every time: in [-scale, scale]. */
export function wave(size: number, scale = 1, offset = 0): Float32Array {
  return Float32Array.from({ length: size }, (_, i) => scale * Math.sin((i + offset + 1) * 12.9898 + i * i * 0.37));
}

/** Equal shapes, and values within `tolerance` relative to the larger magnitude (1 at least); NaN equals NaN. */
export function assertClose(actual: NdArray, expected: NdArray, tolerance: number, what: string): void {
  assert.deepEqual([...actual.shape], [...expected.shape], `${what}: shapes`);
  for (let i = 0; i < expected.data.length; i++) {
    const [a, e] = [actual.data[i]!, expected.data[i]!];
    if (Object.is(a, e) || a === e) continue;
    const bound = tolerance * Math.max(1, Math.abs(e), Math.abs(a));
    assert.ok(Math.abs(a - e) <= bound, `${what}[${i}]: ${a} is not within ${bound} of ${e}`);
  }
}

/** Every array of `expected`, by name. */
export function assertAllClose(
  actual: Readonly<Record<string, NdArray>>,
  expected: Readonly<Record<string, NdArray>>,
  tolerance: number,
  what: string,
): void {
  assert.deepEqual(Object.keys(actual).sort(), Object.keys(expected).sort(), `${what}: names`);
  for (const [name, array] of Object.entries(expected)) assertClose(actual[name]!, array, tolerance, `${what} ${name}`);
}
