import { EngramError } from '@engram/domain';
import type { Decoder } from './decoder.js';
import { recordCount, sentinelLogProbability, type TokenSignals } from './token-signals.js';

/** log p_z per record, as an interval: `low` equals `high` where the signals determine it. */
export interface SuffixLogProbability {
  /** (records) nats; -Infinity where the decoder cannot, or may not, emit the record. */
  readonly low: Float64Array;
  /** (records) nats; -Infinity where it certainly cannot. */
  readonly high: Float64Array;
  /** (records) position in the record of the first token the decoder certainly cannot emit; -1 for none. */
  readonly firstMiss: Int32Array;
}

/**
 * log-probability that a decoder emits a record's tokens, each given the true ones before it: exact in one pass, without
 * sampling.
 *
 * From the k largest log-probabilities per token it is exact for greedy, for topK <= k at any temperature, for topP
 * where the k reach that mass, and for plain temperature 1. Elsewhere the unseen tail is bounded: its p_j are at most the
 * smallest one seen and sum to what is left, so sum p_j^(1/T) lies between rest * p_k^(1/T - 1) and
 * (V - k)^(1 - 1/T) * rest^(1/T), whichever way round.
 *
 * @param signals checked token signals.
 * @returns (records) nats, natural logarithms; a record of no tokens has log-probability 0.
 * @see Hayes et al. 2025, "Measuring memorization in language models via probabilistic extraction", section 3.
 */
export function suffixLogProbability(signals: TokenSignals, decoder: Decoder): SuffixLogProbability {
  const n = recordCount(signals);
  const low = new Float64Array(n);
  const high = new Float64Array(n);
  const firstMiss = new Int32Array(n).fill(-1);
  const token = tokenBounds(signals, decoder);
  for (let r = 0; r < n; r += 1) {
    for (let t = signals.offsets[r]; t < signals.offsets[r + 1]; t += 1) {
      const bounds = token(t);
      low[r] += bounds.low;
      high[r] += bounds.high;
      if (bounds.high === -Infinity && firstMiss[r] < 0) firstMiss[r] = t - signals.offsets[r];
    }
  }
  return { low, high, firstMiss };
}

interface Bounds {
  low: number;
  high: number;
}

const impossible: Bounds = { low: -Infinity, high: -Infinity };
const certain: Bounds = { low: 0, high: 0 };

function tokenBounds(signals: TokenSignals, decoder: Decoder): (t: number) => Bounds {
  const { logProbability, rank, vocabularySize } = signals;
  if (decoder === 'greedy') return (t) => (rank[t] === 1 ? certain : impossible);
  const { temperature, topK = vocabularySize, topP = 1 } = decoder;
  if (!(temperature > 0))
    throw new EngramError('ENG_REQUEST_INVALID', `expected a temperature above 0, got ${temperature}`, {
      remedy: 'Use the decoder "greedy" for temperature 0.',
    });
  const support = Math.min(topK, vocabularySize);
  return (t) => {
    const truth = logProbability[t];
    if (rank[t] > support || truth <= sentinelLogProbability) return impossible;
    if (temperature === 1 && support === vocabularySize && topP === 1) return atMostZero(truth, truth);
    return sampledToken(signals, t, temperature, support, topP);
  };
}

function sampledToken(signals: TokenSignals, t: number, temperature: number, support: number, topP: number): Bounds {
  const { logProbability, rank, topLogProbabilities, vocabularySize } = signals;
  const kept = topLogProbabilities.shape[1];
  const row = topLogProbabilities.data.subarray(t * kept, (t + 1) * kept);
  // Weights are relative to the most likely token, so that nothing overflows at low temperature.
  const weightOf = (logP: number) => Math.exp((logP - row[0]) / temperature);
  const weights = Float64Array.from(row.subarray(0, Math.min(kept, support)), weightOf);
  const known = cumulative(weights, weights.length);
  const truth = weightOf(logProbability[t]);
  const tail = support <= kept ? { low: 0, high: 0 } : tailWeight(row, temperature, support, vocabularySize);
  // A truth beyond what was seen is itself part of the tail.
  const unseen = rank[t] > weights.length ? truth : 0;
  const total = { low: known + Math.max(tail.low, unseen), high: known + Math.max(tail.high, unseen) };
  const bounds = topP === 1 ? total : nucleusWeight(weights, total, topP, rank[t], truth);
  if (bounds === null) return impossible;
  const logTruth = (logProbability[t] - row[0]) / temperature;
  return atMostZero(logTruth - Math.log(bounds.high), logTruth - Math.log(bounds.low));
}

/** Bounds on the summed weight of the tokens between the last one seen and `support`. */
function tailWeight(row: ArrayLike<number>, temperature: number, support: number, vocabularySize: number): Bounds {
  const kept = row.length;
  const power = 1 / temperature;
  let mass = 0;
  for (let j = 0; j < kept; j += 1) mass += Math.exp(row[j]);
  const rest = Math.max(0, 1 - mass);
  if (rest === 0) return { low: 0, high: 0 };
  const scale = Math.exp(-row[0] * power);
  const spread = (support - kept) ** (1 - power) * rest ** power * scale;
  const packed = rest * Math.exp((power - 1) * row[kept - 1]) * scale;
  // Below the whole vocabulary, how much of the rest lies inside the support is unknown.
  if (support < vocabularySize) {
    const most = (support - kept) * Math.exp(power * row[kept - 1]) * scale;
    return { low: 0, high: Math.min(most, power >= 1 ? packed : spread) };
  }
  return { low: Math.min(spread, packed), high: Math.max(spread, packed) };
}

/**
 * Bounds on the weight of the smallest set of most likely tokens reaching `topP`, given that the truth is in it; the upper
 * one is infinite when the truth may lie outside, and null is returned when it certainly does.
 */
function nucleusWeight(weights: Float64Array, total: Bounds, topP: number, place: number, truth: number) {
  const smallest = crossing(weights, topP * total.low);
  const largest = crossing(weights, topP * total.high);
  if (place > largest.size) return null;
  const seen = weights.length;
  const known = cumulative(weights, seen);
  // The crossing token weighs no more than the last one seen.
  const high = largest.size < Infinity ? largest.weight : Math.min(total.high, topP * total.high + weights[seen - 1]);
  if (place <= smallest.size && smallest.size < Infinity) return { low: smallest.weight, high };
  if (smallest.size === Infinity && place <= seen) return { low: Math.max(known, topP * total.low), high };
  return { low: place <= seen ? cumulative(weights, place) : known + truth, high: Infinity };
}

/** How many of the most likely tokens reach `mass`, and their weight; more than were seen: Infinity. */
function crossing(weights: Float64Array, mass: number): { readonly size: number; readonly weight: number } {
  let weight = 0;
  for (let j = 0; j < weights.length; j += 1) {
    weight += weights[j];
    if (weight >= mass) return { size: j + 1, weight };
  }
  return { size: Infinity, weight };
}

function cumulative(weights: Float64Array, size: number): number {
  let sum = 0;
  for (let j = 0; j < size; j += 1) sum += weights[j];
  return sum;
}

function atMostZero(low: number, high: number): Bounds {
  return { low: Math.min(0, low), high: Math.min(0, high) };
}
