import { EngramError, type OpenDataset, type TypedArray } from '@engram/domain';
import { wordsOf } from './blind/text-features.js';
import { HashSet64 } from './columns/hash-set.js';
import { hashBytes, RowHasher } from './columns/row-hasher.js';
import { numberRanges, textsOf } from './row-ranges.js';
import { Shingles } from './shingles.js';

/** What two datasets share: it blurs what "member" means and bounds the AUC any attack can reach. */
export interface CrossDuplicates {
  /** Rows of the second whose input (or text) equals one of the first. */
  readonly exact: number;
  /** Texts only. */
  readonly near?: NearDuplicates;
}

export interface NearDuplicates {
  /** Texts of the second at least `threshold` of whose 13-word runs occur somewhere in the first; exact ones included. */
  readonly count: number;
  /** Texts that could be judged: all, unless the first is so large that its runs had to be sampled. */
  readonly judged: number;
  readonly threshold: number;
  /** Share of all 13-word runs that were kept and compared. */
  readonly sampled: number;
}

const nearThreshold = 0.8;

/**
 * Rows of `b` that are also in `a`. Numbers are compared as float32 when the two keep them in different types. Memory is
 * bounded: 64-bit hashes of rows, and of 13-word runs up to a cap beyond which a fixed share of them is kept.
 *
 * @throws ENG_SHAPE_MISMATCH one has inputs, the other texts, or neither.
 * @see Duan et al. 2024, "Do Membership Inference Attacks Work on Large Language Models?", for the 13-gram overlap of 0.8.
 */
export async function crossDuplicates(a: OpenDataset, b: OpenDataset): Promise<CrossDuplicates> {
  if (a.has('input') && b.has('input')) return { exact: await sharedRows(a, b) };
  if (a.has('text') && b.has('text')) return await sharedTexts(a, b);
  throw new EngramError(
    'ENG_SHAPE_MISMATCH',
    `expected inputs or texts in both, the first has ${Object.keys(a.inspected.fields)}, the second ${Object.keys(b.inspected.fields)}`,
  );
}

async function sharedRows(a: OpenDataset, b: OpenDataset): Promise<number> {
  const first = a.inspected.fields.input;
  const second = b.inspected.fields.input;
  if (first?.kind !== 'numeric' || second?.kind !== 'numeric') return 0;
  const width = first.rowShape.reduce((product, axis) => product * axis, 1);
  if (width !== second.rowShape.reduce((product, axis) => product * axis, 1)) return 0;
  const common = (values: TypedArray) => (first.dtype === second.dtype ? values : Float32Array.from(values));
  const seen = new HashSet64(a.inspected.count);
  const inFirst = new RowHasher(width, (high, low) => seen.add(high, low));
  for await (const values of numberRanges(a, width)) inFirst.push(common(values));
  let shared = 0;
  const inSecond = new RowHasher(width, (high, low) => {
    if (seen.has(high, low)) shared++;
  });
  for await (const values of numberRanges(b, width)) inSecond.push(common(values));
  return shared;
}

async function sharedTexts(a: OpenDataset, b: OpenDataset): Promise<CrossDuplicates> {
  const seen = new HashSet64(a.inspected.count);
  const shingles = new Shingles();
  for await (const text of textsOf(a, 'text')) {
    seen.add(...hashBytes(Buffer.from(text)));
    shingles.add(wordsOf(text));
  }
  let exact = 0;
  let near = 0;
  let judged = 0;
  for await (const text of textsOf(b, 'text')) {
    const isExact = seen.has(...hashBytes(Buffer.from(text)));
    if (isExact) exact++;
    const contained = shingles.contained(wordsOf(text));
    if (isExact || contained !== undefined) judged++;
    if (isExact || (contained !== undefined && contained >= nearThreshold)) near++;
  }
  return { exact, near: { count: near, judged, threshold: nearThreshold, sampled: shingles.sampled } };
}
