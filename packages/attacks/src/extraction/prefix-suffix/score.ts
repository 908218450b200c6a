import { EngramError } from '@engram/domain';
import { type Decoder, decoderName } from '../decoder.js';
import { drawsNeeded } from '../draws.js';
import { type GreedyStrength, greedyStrength } from '../strength.js';
import { type SuffixLogProbability, suffixLogProbability } from '../suffix-log-probability.js';
import { checkTokenSignals, recordCount, type TokenSignals } from '../token-signals.js';

/** One decoder's view of every record. */
export interface DecodedRecords extends SuffixLogProbability {
  /** `greedy`, `topK40`, ... */
  readonly decoder: string;
  /** (records) draws to emit the record with probability 0.5, 0.9 and 0.999, from the lower bound of ln p_z. */
  readonly n50: Float64Array;
  readonly n90: Float64Array;
  readonly n999: Float64Array;
}

/** The per-record table of a prefix-suffix audit. */
export interface SuffixRecords extends GreedyStrength {
  readonly decoders: readonly DecodedRecords[];
}

/**
 * ln p_z of every suffix under the scoring decoder: the lower bound where it is an interval.
 *
 * @param suffixes suffix tokens, each given the true prefix before it.
 * @param decoders the first that samples is scored; greedy if none does.
 * @returns (records) nats; higher = more surely memorized; -Infinity where the decoder cannot emit the suffix.
 * @throws ENG_INSUFFICIENT_SAMPLES no records. ENG_SHAPE_MISMATCH, ENG_VALUES_NOT_FINITE, ENG_LABEL_OUT_OF_RANGE.
 * @see Hayes et al. 2025, section 3.
 */
export function suffixScores(suffixes: TokenSignals, decoders: readonly Decoder[]): Float64Array {
  checkSuffixes(suffixes);
  return suffixLogProbability(suffixes, scoringDecoder(decoders)).low;
}

/** The decoder whose probability is the score: the first that samples. */
export function scoringDecoder(decoders: readonly Decoder[]): Decoder {
  return decoders.find((settings) => settings !== 'greedy') ?? 'greedy';
}

/**
 * Everything a report says of each record: ln p_z, draws needed and first miss per decoder, and the strength of greedy
 * decoding.
 *
 * @throws as `suffixScores`.
 */
export function suffixRecords(suffixes: TokenSignals, decoders: readonly Decoder[]): SuffixRecords {
  checkSuffixes(suffixes);
  return {
    ...greedyStrength(suffixes),
    decoders: decoders.map((settings) => {
      const found = suffixLogProbability(suffixes, settings);
      const needed = (probability: number) => found.low.map((value) => drawsNeeded(value, probability));
      return { decoder: decoderName(settings), ...found, n50: needed(0.5), n90: needed(0.9), n999: needed(0.999) };
    }),
  };
}

function checkSuffixes(suffixes: TokenSignals): void {
  checkTokenSignals(suffixes);
  if (recordCount(suffixes) === 0)
    throw new EngramError('ENG_INSUFFICIENT_SAMPLES', 'expected at least one record, got none', {
      remedy: 'Give texts at least as long as prefix and suffix together.',
    });
  for (let r = 0; r < recordCount(suffixes); r += 1) {
    // Nothing to emit is emitted with certainty, which would be the strongest claim of all.
    if (suffixes.offsets[r] === suffixes.offsets[r + 1])
      throw new EngramError(
        'ENG_INSUFFICIENT_SAMPLES',
        `expected a suffix of at least one token, got none for row ${r}`,
        {
          remedy: 'Leave out texts no longer than their prefix.',
        },
      );
  }
}
