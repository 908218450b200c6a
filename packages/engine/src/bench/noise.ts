/** Reproducible values in [-scale, scale]: a small linear congruential generator is enough for a bench. */
export function noise(size: number, scale: number, seed: number): Float32Array {
  let state = (seed + 1) * 2654435761;
  return Float32Array.from({ length: size }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return scale * (state / 2 ** 31 - 1);
  });
}
