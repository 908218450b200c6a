import { hashText } from './blind/row-features.js';
import { HashSet64 } from './columns/hash-set.js';
import { RowHasher } from './columns/row-hasher.js';

const runLength = 13;
const defaultCap = 8_000_000;

/**
 * The set of all 13-word runs of a collection of texts. Beyond `cap` runs only those whose hash ends in ever more zero
 * bits are kept (FracMinHash): shares of runs found stay unbiased, and memory stays put.
 */
export class Shingles {
  private readonly cap: number;
  private readonly runs = new HashSet64();
  private mask = 0;

  constructor(cap = defaultCap) {
    this.cap = cap;
  }

  /** Share of all runs that is kept, 1 until the cap is passed. */
  get sampled(): number {
    return 1 / (this.mask + 1);
  }

  add(words: readonly string[]): void {
    eachRun(words, (high, low) => {
      if ((low & this.mask) !== 0) return;
      this.runs.add(high, low);
      while (this.runs.size > this.cap) {
        this.mask = 2 * this.mask + 1;
        this.runs.retain((_, kept) => (kept & this.mask) === 0);
      }
    });
  }

  /** Share of the text's runs that are in the set; undefined when it has no words or none of its runs is sampled. */
  contained(words: readonly string[]): number | undefined {
    let judged = 0;
    let found = 0;
    eachRun(words, (high, low) => {
      if ((low & this.mask) !== 0) return;
      judged++;
      if (this.runs.has(high, low)) found++;
    });
    return judged === 0 ? undefined : found / judged;
  }
}

/** Texts of fewer than 13 words are one run. */
function eachRun(words: readonly string[], onRun: (high: number, low: number) => void): void {
  if (words.length === 0) return;
  const length = Math.min(runLength, words.length);
  const hashes = Int32Array.from(words, hashText);
  const hasher = new RowHasher(length, onRun);
  for (let i = 0; i + length <= words.length; i++) hasher.push(hashes.subarray(i, i + length));
}
