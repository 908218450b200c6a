/** Features of one kind, for rows of one dataset. */
export interface RowFeatures {
  /** One name per feature, for saying what gives a split away. */
  readonly names: readonly string[];
  /** Writes the features of row `row` into `target` from `at` on. */
  fill(row: number, target: Float64Array, at: number): void;
}

export function names(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, i) => `${prefix}${i}`);
}

/** 32-bit hash of a string (FNV-1a with a final mix): the same on every machine and run. */
export function hashText(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return mix(h);
}

/** 32-bit hash of an integer. */
export function mix(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
