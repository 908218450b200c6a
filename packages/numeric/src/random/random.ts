/** A stream of seeded random numbers. The same seed gives the same stream on every machine. */
export interface Random {
  /** Uniform in [0, 1) on a grid of 2^-32. */
  uniform(): number;
  /** Standard normal. Drawn in pairs, so every second call costs nothing; never beyond ±6.7. */
  normal(): number;
  /** Uniform integer in [0, n), n at most 2^32. */
  integer(n: number): number;
  /** Reorders `array` in place, every order equally likely, and returns it. */
  shuffle<A extends Shuffleable>(array: A): A;
  /** `size` distinct integers of [0, n) in random order. */
  sample(n: number, size: number): Int32Array;
}

type Shuffleable = unknown[] | Float64Array | Float32Array | Int32Array | Uint32Array | Uint8Array;

/**
 * A seeded generator: the 32-bit mixing counter known as mulberry32, with normals by Box-Muller and shuffles by
 * Fisher-Yates. One fixed algorithm, because published reference values are stated in its draws. Period 2^32: derive
 * a stream per purpose with `deriveSeed` rather than draw billions from one.
 *
 * @param seed integer; only its low 32 bits count.
 * @returns an independent stream with state of its own.
 */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  let spare: number | undefined;

  function uniform(): number {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  function normal(): number {
    if (spare !== undefined) {
      const kept = spare;
      spare = undefined;
      return kept;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - uniform()));
    const angle = 2 * Math.PI * uniform();
    spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  function integer(n: number): number {
    return Math.floor(uniform() * n);
  }

  function shuffle<A extends Shuffleable>(array: A): A {
    // One loop serves every array type; the elements only change places, so their type cannot.
    const items = array as unknown[];
    for (let i = items.length - 1; i > 0; i -= 1) {
      const j = integer(i + 1);
      const held = items[i];
      items[i] = items[j];
      items[j] = held;
    }
    return array;
  }

  function sample(n: number, size: number): Int32Array {
    const pool = Int32Array.from({ length: n }, (_, i) => i);
    const count = Math.min(size, n);
    for (let i = 0; i < count; i += 1) {
      const j = i + integer(n - i);
      const held = pool[i]!;
      pool[i] = pool[j]!;
      pool[j] = held;
    }
    return pool.slice(0, count);
  }

  return { uniform, normal, integer, shuffle, sample };
}
