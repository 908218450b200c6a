/** Spaces of up to this many secrets are scored whole: exposure is then exact. */
export const largestEnumerated = 20_000;

/** Secrets every canary is compared with: the whole space where it is small, else as many as asked for. */
export function secretsCompared(space: {
  readonly references: number;
  readonly alphabet: string;
  readonly length: number;
}): number {
  const size = [...space.alphabet].length ** space.length;
  return size <= largestEnumerated ? size : space.references;
}
