import { deflateRawSync } from 'node:zlib';
import { hashText, mix, names, type RowFeatures } from './row-features.js';

const wordBuckets = 128;
const gramBuckets = 128;
const longestGram = 5;
/** Runs of characters are counted in the beginning of long texts. */
const gramCharacters = 8192;
/** Compression is judged on the beginning of long texts. */
const compressedCharacters = 65_536;

const shape = [
  'logCharacters',
  'logWords',
  'meanWordLength',
  'distinctWords',
  'compressionRatio',
  'digits',
  'upperCase',
  'punctuation',
  'blanks',
  'lineBreaks',
  'beyondAscii',
  'hasYear',
  'largestYear',
];

/**
 * Length, compression ratio, character classes, the largest year named, and counts of words, and of runs of one to five
 * characters, each hashed into 128 buckets. The runs see what words do not: punctuation, spelling, languages written
 * without blanks.
 *
 * Words and runs are hashed rather than looked up among the most frequent ones: a vocabulary would have to be fitted anew on
 * each training fold, and forgetting that leaks the test fold. Hashing needs no fit, gives one matrix for every fold and
 * permutation, and the same columns for every dataset; rare words sharing a bucket with frequent ones cost little,
 * since frequent words carry the difference. Counts are log(1 + count), scaled to length 1 per text.
 */
export function textFeatures(texts: readonly string[]): RowFeatures {
  return {
    names: [...shape, ...names('word', wordBuckets), ...names('gram', gramBuckets)],
    fill(row, target, at) {
      const text = texts[row]!;
      const words = wordsOf(text);
      fillShape(text, words, target, at);
      const buckets = target.subarray(at + shape.length, at + shape.length + wordBuckets);
      for (const word of words) buckets[hashText(word) % wordBuckets]! += 1;
      dampen(buckets);
      const grams = target.subarray(at + shape.length + wordBuckets, at + shape.length + wordBuckets + gramBuckets);
      countGrams(text.slice(0, gramCharacters), grams);
      dampen(grams);
    },
  };
}

/** Runs of one to five characters, by a rolling hash of their code units. */
function countGrams(text: string, buckets: Float64Array): void {
  for (let start = 0; start < text.length; start++) {
    let hash = 0x811c9dc5;
    const end = Math.min(text.length, start + longestGram);
    for (let i = start; i < end; i++) {
      hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
      buckets[mix(hash) % gramBuckets]! += 1;
    }
  }
}

/** log(1 + count), scaled to length 1; all zero stays so. */
function dampen(counts: Float64Array): void {
  let squares = 0;
  for (let i = 0; i < counts.length; i++) {
    const value = Math.log1p(counts[i]!);
    counts[i] = value;
    squares += value * value;
  }
  if (squares > 0) for (let i = 0; i < counts.length; i++) counts[i]! /= Math.sqrt(squares);
}

/** Words in lower case: runs of letters, digits and apostrophes. */
export function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+(?:['’][\p{L}\p{N}]+)*/gu) ?? [];
}

function fillShape(text: string, words: readonly string[], target: Float64Array, at: number): void {
  const counts = { digits: 0, upper: 0, punctuation: 0, blanks: 0, breaks: 0, beyond: 0 };
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c >= 128) counts.beyond++;
    else if (c === 10) counts.breaks++;
    else if (c <= 32) counts.blanks++;
    else if (c >= 48 && c <= 57) counts.digits++;
    else if (c >= 65 && c <= 90) counts.upper++;
    else if (c < 97 || c > 122) counts.punctuation++;
  }
  const length = Math.max(1, text.length);
  const letters = words.reduce((total, word) => total + word.length, 0);
  const year = largestYear(text);
  const values = [
    Math.log1p(text.length),
    Math.log1p(words.length),
    words.length === 0 ? 0 : letters / words.length,
    words.length === 0 ? 0 : new Set(words).size / words.length,
    compressionRatio(text),
    counts.digits / length,
    counts.upper / length,
    counts.punctuation / length,
    counts.blanks / length,
    counts.breaks / length,
    counts.beyond / length,
    year === undefined ? 0 : 1,
    year === undefined ? 0 : (year - 2000) / 10,
  ];
  target.set(values, at);
}

/** Packed bytes per byte; lower = more repetitive. 1 for an empty text, which cannot be packed. */
function compressionRatio(text: string): number {
  const bytes = Buffer.from(text.slice(0, compressedCharacters));
  return bytes.length === 0 ? 1 : deflateRawSync(bytes).length / bytes.length;
}

function largestYear(text: string): number | undefined {
  let largest: number | undefined;
  for (const [year] of text.matchAll(/(?<!\d)(?:1[5-9]|20)\d\d(?!\d)/g)) largest = Math.max(largest ?? 0, Number(year));
  return largest;
}
