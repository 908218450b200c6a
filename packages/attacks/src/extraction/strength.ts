import { recordCount, type TokenSignals } from './token-signals.js';

/** How well teacher-forced greedy decoding follows each record. NaN where the record has no tokens. */
export interface GreedyStrength {
  /** (records) share of tokens that are the most likely one. Not an extraction claim: the truth is given all along. */
  readonly exactMemorization: Float64Array;
  /** (records) 1 - k / tokens, k the fewest tokens to reveal so that greedy decoding produces all the rest; 1 = all of it. */
  readonly extractionStrength: Float64Array;
  /** (records) tokens greedy decoding gets right before its first mistake. */
  readonly matchingPrefix: Int32Array;
  /** (records) 1 = the record ended before a mistake, so the matching prefix is only a lower bound. */
  readonly censored: Uint8Array;
  /** (records) positions whose two most likely tokens tie: greedy decoding there depends on the server. */
  readonly argmaxTies: Int32Array;
}

/**
 * Strength scores of every record in one pass: free-running greedy decoding reproduces a suffix exactly when every
 * teacher-forced most likely token is the true one.
 *
 * @see Carlini et al. 2021 for extraction strength; Tirumala et al. 2022, "Memorization Without Overfitting", for exact
 *   memorization. With no token right at the end the strength is 0, where a public implementation gives 1 / tokens.
 */
export function greedyStrength(signals: TokenSignals): GreedyStrength {
  const n = recordCount(signals);
  const result = {
    exactMemorization: new Float64Array(n),
    extractionStrength: new Float64Array(n),
    matchingPrefix: new Int32Array(n),
    censored: new Uint8Array(n),
    argmaxTies: new Int32Array(n),
  };
  for (let r = 0; r < n; r += 1) {
    const hits = signals.rank
      .subarray(signals.offsets[r], signals.offsets[r + 1])
      .map((place) => (place === 1 ? 1 : 0));
    const miss = hits.indexOf(0);
    result.exactMemorization[r] = exactMemorization(hits) ?? Number.NaN;
    result.extractionStrength[r] = extractionStrength(hits) ?? Number.NaN;
    result.matchingPrefix[r] = miss < 0 ? hits.length : miss;
    result.censored[r] = miss < 0 ? 1 : 0;
    result.argmaxTies[r] = countTies(signals, r);
  }
  return result;
}

/** Share of ones. @returns null for no tokens. */
export function exactMemorization(hits: ArrayLike<number>): number | null {
  if (hits.length === 0) return null;
  let right = 0;
  for (let t = 0; t < hits.length; t += 1) right += hits[t];
  return right / hits.length;
}

/**
 * 1 - k / m for m tokens, of which the last m - k are all right.
 *
 * @param noMatch what to give when even the last token is wrong: 0, or `compatible` with the widely used 1 / m.
 * @returns null for no tokens.
 */
export function extractionStrength(hits: ArrayLike<number>, noMatch: 'zero' | 'compatible' = 'zero'): number | null {
  const m = hits.length;
  if (m === 0) return null;
  let revealed = m;
  while (revealed > 0 && hits[revealed - 1] === 1) revealed -= 1;
  if (revealed === m && noMatch === 'compatible') return 1 / m;
  return 1 - revealed / m;
}

/**
 * Share of records whose every token lies among the k most likely: what sampling with topK = k emits given unlimited
 * draws.
 *
 * @returns fraction; NaN for no records.
 */
export function supportRate(signals: TokenSignals, topK: number): number {
  const n = recordCount(signals);
  let inside = 0;
  for (let r = 0; r < n; r += 1) {
    if (signals.rank.subarray(signals.offsets[r], signals.offsets[r + 1]).every((place) => place <= topK)) inside += 1;
  }
  return inside / n;
}

function countTies({ offsets, topLogProbabilities }: TokenSignals, r: number): number {
  const { data, shape } = topLogProbabilities;
  const k = shape[1];
  let ties = 0;
  for (let t = offsets[r]; k > 1 && t < offsets[r + 1]; t += 1) if (data[t * k] === data[t * k + 1]) ties += 1;
  return ties;
}
