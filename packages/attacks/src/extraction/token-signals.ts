import { EngramError, type NdArray, type TypedArray } from '@engram/domain';

/**
 * What a language model says of given tokens, one entry per scored token: enough for any decoder's probability of them,
 * at a fraction of the full vocabulary. Records follow one another without padding.
 *
 * The entry of a token comes from the row of logits before it: row t - 1 predicts token t.
 */
export interface TokenSignals {
  /** (records + 1) record r owns the tokens from offsets[r] up to offsets[r + 1]. */
  readonly offsets: Int32Array;
  /** (tokens) nats: log-probability of the true token over the full vocabulary, temperature 1; -Infinity for 0. */
  readonly logProbability: Float64Array;
  /** (tokens) place of the true token, 1 = most likely; equally likely tokens are placed by id. */
  readonly rank: Int32Array;
  /** (tokens, k) nats: the k largest log-probabilities, descending. k = vocabulary makes every decoder exact. */
  readonly topLogProbabilities: NdArray<Float32Array | Float64Array>;
  readonly vocabularySize: number;
}

/** Servers that cannot send -Infinity send numbers near -9999; nothing real is as unlikely. */
export const sentinelLogProbability = -9000;

export function recordCount(signals: TokenSignals): number {
  return signals.offsets.length - 1;
}

/**
 * Token signals of one record from its rows of logits.
 *
 * @param logits (tokens, vocabulary) row i predicts `targets[i]`.
 * @param targets (tokens) token ids.
 * @param kept how many of the largest log-probabilities to keep; at most the vocabulary.
 * @throws ENG_SHAPE_MISMATCH. ENG_LABEL_OUT_OF_RANGE a target outside the vocabulary. ENG_VALUES_NOT_FINITE a NaN.
 */
export function tokenSignalsFromLogits(logits: NdArray, targets: Int32Array, kept: number): TokenSignals {
  const [tokens, vocabularySize] = logits.shape;
  if (logits.shape.length !== 2 || tokens !== targets.length || logits.data.length !== tokens * vocabularySize)
    throw new EngramError(
      'ENG_SHAPE_MISMATCH',
      `expected logits of shape (${targets.length}, vocabulary), got (${logits.shape.join(', ')})`,
    );
  const k = Math.min(kept, vocabularySize);
  const logProbability = new Float64Array(tokens);
  const rank = new Int32Array(tokens);
  const top = new Float64Array(tokens * k);
  for (let t = 0; t < tokens; t += 1) {
    const row = logits.data.subarray(t * vocabularySize, (t + 1) * vocabularySize);
    const target = targets[t];
    if (!(target >= 0 && target < vocabularySize))
      throw new EngramError(
        'ENG_LABEL_OUT_OF_RANGE',
        `expected token ids from 0 to ${vocabularySize - 1}, got ${target} at position ${t}`,
      );
    const largest = top.subarray(t * k, (t + 1) * k);
    const { normaliser, place } = readRow(row, target, largest);
    if (Number.isNaN(normaliser))
      throw new EngramError('ENG_VALUES_NOT_FINITE', `expected logits, got NaN in the row of position ${t}`);
    logProbability[t] = row[target] - normaliser;
    rank[t] = place;
    for (let j = 0; j < k; j += 1) largest[j] -= normaliser;
  }
  return {
    offsets: Int32Array.of(0, tokens),
    logProbability,
    rank,
    topLogProbabilities: { data: top, shape: [tokens, k] },
    vocabularySize,
  };
}

/** Log-sum-exp of a row, the target's place in it, and its largest logits into `largest`, descending. */
function readRow(row: TypedArray, target: number, largest: Float64Array) {
  let place = 1;
  let top = -Infinity;
  for (let id = 0; id < row.length; id += 1) {
    const value = row[id];
    if (Number.isNaN(value)) return { normaliser: Number.NaN, place };
    if (value > row[target] || (value === row[target] && id < target)) place += 1;
    if (value > top) top = value;
  }
  let sum = 0;
  for (let id = 0; id < row.length; id += 1) sum += Math.exp(row[id] - top);
  keepLargest(row, largest);
  return { normaliser: top + Math.log(sum), place };
}

// Beyond this many, inserting each value where it belongs costs more than sorting the row.
const fewKept = 128;

function keepLargest(row: TypedArray, largest: Float64Array): void {
  const k = largest.length;
  if (k > fewKept) {
    largest.set(
      Float64Array.from(row)
        .sort()
        .subarray(row.length - k)
        .reverse(),
    );
    return;
  }
  largest.fill(-Infinity);
  for (let id = 0; id < row.length; id += 1) {
    const value = row[id];
    if (value <= largest[k - 1]) continue;
    let at = k - 1;
    while (at > 0 && largest[at - 1] < value) {
      largest[at] = largest[at - 1];
      at -= 1;
    }
    largest[at] = value;
  }
}

/** Records one after another. @throws ENG_SHAPE_MISMATCH other vocabulary or other k, or none given. */
export function concatTokenSignals(parts: readonly TokenSignals[]): TokenSignals {
  const [first] = parts;
  if (first === undefined) throw new EngramError('ENG_SHAPE_MISMATCH', 'expected at least one record, got none');
  const k = first.topLogProbabilities.shape[1];
  const tokens = parts.reduce((sum, part) => sum + part.logProbability.length, 0);
  const offsets = [0];
  const logProbability = new Float64Array(tokens);
  const rank = new Int32Array(tokens);
  const top = new Float64Array(tokens * k);
  let at = 0;
  for (const part of parts) {
    if (part.vocabularySize !== first.vocabularySize || part.topLogProbabilities.shape[1] !== k)
      throw new EngramError(
        'ENG_SHAPE_MISMATCH',
        `expected ${k} of ${first.vocabularySize} log-probabilities for every record, got ${part.topLogProbabilities.shape[1]} of ${part.vocabularySize}`,
      );
    for (let r = 0; r < recordCount(part); r += 1) offsets.push(at + part.offsets[r + 1] - part.offsets[0]);
    logProbability.set(part.logProbability, at);
    rank.set(part.rank, at);
    top.set(part.topLogProbabilities.data, at * k);
    at += part.logProbability.length;
  }
  return {
    offsets: Int32Array.from(offsets),
    logProbability,
    rank,
    topLogProbabilities: { data: top, shape: [tokens, k] },
    vocabularySize: first.vocabularySize,
  };
}

/**
 * Refuses token signals that no language model gives.
 *
 * @throws ENG_SHAPE_MISMATCH lengths disagree or offsets fall. ENG_VALUES_NOT_FINITE a NaN or a log-probability above 0.
 *   ENG_LABEL_OUT_OF_RANGE a rank outside the vocabulary.
 */
export function checkTokenSignals(signals: TokenSignals): void {
  const { offsets, logProbability, rank, topLogProbabilities, vocabularySize } = signals;
  const tokens = logProbability.length;
  const [rows, k] = topLogProbabilities.shape;
  const rising = offsets.every((offset, r) => r === 0 || offset >= offsets[r - 1]);
  if (!rising || offsets[0] !== 0 || offsets.at(-1) !== tokens || rank.length !== tokens || rows !== tokens)
    throw new EngramError(
      'ENG_SHAPE_MISMATCH',
      `expected offsets, ranks and top log-probabilities of ${tokens} tokens, got offsets to ${offsets.at(-1)}, ${rank.length} ranks and ${rows} rows`,
    );
  if (topLogProbabilities.data.length !== tokens * k || !(k >= 1 && k <= vocabularySize))
    throw new EngramError(
      'ENG_SHAPE_MISMATCH',
      `expected 1 to ${vocabularySize} top log-probabilities per token, got ${k}`,
    );
  refuse('log-probabilities', logProbability, 1);
  refuse('top log-probabilities', topLogProbabilities.data, k);
  const outside = rank.findIndex((place) => place < 1 || place > vocabularySize);
  if (outside >= 0)
    throw new EngramError(
      'ENG_LABEL_OUT_OF_RANGE',
      `expected ranks from 1 to ${vocabularySize}, got ${rank[outside]} at token ${outside}`,
    );
}

function refuse(name: string, values: Float32Array | Float64Array, width: number): void {
  for (let i = 0; i < values.length; i += 1) {
    // A little above 0 is rounding of float32 outputs.
    if (values[i] <= 1e-3) continue;
    throw new EngramError(
      'ENG_VALUES_NOT_FINITE',
      `expected ${name} of at most 0, got ${values[i]} at token ${Math.floor(i / width)}`,
      { remedy: 'Send natural logarithms of probabilities over the full vocabulary.' },
    );
  }
}
