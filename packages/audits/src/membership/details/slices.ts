import { type MembershipReport, sliceKinds } from '@engram/contract';
import {
  adequateNonMembers,
  auc,
  aucStandardError,
  benjaminiHochberg,
  nullStandardError,
  placements,
  scoresOf,
  tprAtFpr,
} from '@engram/metrics';
import { mean, normalCdf } from '@engram/numeric';

export type SliceKind = (typeof sliceKinds)[number];

/**
 * What samples are grouped by, each (n): values themselves for classes and marks, values to cut into deciles for the
 * others; NaN = in no slice of this kind.
 */
export type SliceValues = Readonly<Partial<Record<SliceKind, ArrayLike<number>>>>;

type Slices = NonNullable<MembershipReport['slices']>;
type Slice = Slices['slices'][number];

interface Group {
  readonly slice: SliceKind;
  readonly value: string;
  readonly rows: Int32Array;
  readonly members: number;
}

const fewestPerSide = 50;
const mostSlices = 40;

/**
 * The primary attack within parts of the samples. A slice is shown from 50 samples on each side, its rates where ten false
 * positives are expected within it; at most the 40 largest. Each is compared with all samples outside it, and the p-values
 * are corrected over the slices shown (Benjamini-Hochberg): some slice always looks worst.
 *
 * @param scores (n) of the samples judged; higher = more member-like.
 */
export function membershipSlices(given: {
  readonly scoreId: string;
  readonly scores: Float64Array;
  readonly membership: Uint8Array;
  readonly by: SliceValues;
  readonly fpr: readonly number[];
  readonly confidence: number;
  readonly seed: number;
}): Slices {
  const { scoreId, membership, by } = given;
  const groups = sliceKinds.flatMap((slice) => {
    const values = by[slice];
    return values === undefined ? [] : groupsOf(slice, values, membership);
  });
  const smaller = ({ rows, members }: Group) => Math.min(members, rows.length - members);
  const large = groups.filter((group) => smaller(group) >= fewestPerSide).sort((a, b) => smaller(b) - smaller(a));
  const shown = large.slice(0, mostSlices).sort(inOrder);
  const measured = shown.map((group) => measureSlice(group, given));
  const adjusted = benjaminiHochberg(
    measured.map(({ pValue }) => pValue),
    0.05,
  ).qValues;
  return {
    scoreId,
    slices: measured.map((slice, i) => ({ ...slice, adjustedPValue: adjusted[i] })),
    tooSmall: groups.length - large.length,
    beyondLimit: large.length - shown.length,
  };
}

function measureSlice({ slice, value, rows, members }: Group, given: Parameters<typeof membershipSlices>[0]): Slice {
  const { confidence, fpr } = given;
  const scores = Float64Array.from(rows, (row) => given.scores[row]);
  const membership = Uint8Array.from(rows, (row) => given.membership[row]);
  const nonMembers = rows.length - members;
  return {
    slice,
    value,
    members,
    nonMembers,
    auc: auc(scores, membership, { confidence, seed: given.seed }),
    tprAtFpr: fpr
      .filter((rate) => nonMembers >= adequateNonMembers(rate))
      .map((rate) => {
        const { tpr, realisedFpr } = tprAtFpr(scores, membership, { fpr: rate, confidence });
        return { fpr: rate, measured: tpr, realisedFpr };
      }),
    pValue: againstTheRest(rows, given),
    adjustedPValue: 1,
  };
}

/** Two-sided p-value that the AUC inside differs from that outside; the two share no sample, so their errors add. */
function againstTheRest(rows: Int32Array, { scores, membership }: Parameters<typeof membershipSlices>[0]): number {
  const inside = new Uint8Array(scores.length);
  for (const row of rows) inside[row] = 1;
  const estimate = (side: 0 | 1) => {
    const theirs = scoresOf(scores, inside, side);
    const labels = Uint8Array.from(scoresOf(membership, inside, side));
    const members = labels.reduce((sum, label) => sum + label, 0);
    const sides = { members, nonMembers: labels.length - members };
    if (Math.min(sides.members, sides.nonMembers) < 2) return null;
    const placed = placements(theirs, labels);
    return { value: mean(placed.ofMembers), error: aucStandardError(placed) || nullStandardError(sides) };
  };
  const [outside, within] = [estimate(0), estimate(1)];
  if (outside === null || within === null) return 1;
  const z = Math.abs(within.value - outside.value) / Math.hypot(within.error, outside.error);
  return Math.min(1, 2 * normalCdf(-z));
}

function groupsOf(slice: SliceKind, values: ArrayLike<number>, membership: Uint8Array): Group[] {
  const codes = slice.endsWith('Decile') ? deciles(values) : Float64Array.from(values);
  const rowsOf = new Map<number, number[]>();
  codes.forEach((code, row) => {
    if (Number.isNaN(code)) return;
    const rows = rowsOf.get(code) ?? [];
    rowsOf.set(code, rows);
    rows.push(row);
  });
  return [...rowsOf].map(([code, rows]) => ({
    slice,
    value: nameOf(slice, code),
    rows: Int32Array.from(rows),
    members: rows.reduce((sum, row) => sum + membership[row], 0),
  }));
}

function nameOf(slice: SliceKind, code: number): string {
  if (slice === 'correct') return code === 1 ? 'right' : 'wrong';
  if (slice === 'repeated') return code === 1 ? 'repeated' : 'once';
  return String(code);
}

/** 1 to 10 by rank; equal values share a decile, so some may be empty. */
function deciles(values: ArrayLike<number>): Float64Array {
  const sorted = Float64Array.from(values)
    .filter((value) => !Number.isNaN(value))
    .sort();
  const edges = Array.from({ length: 9 }, (_, k) => sorted[Math.ceil(((k + 1) * sorted.length) / 10) - 1]);
  return Float64Array.from(values, (value) =>
    Number.isNaN(value) ? value : 1 + edges.filter((edge) => value > edge).length,
  );
}

function inOrder(a: Group, b: Group): number {
  const byKind = sliceKinds.indexOf(a.slice) - sliceKinds.indexOf(b.slice);
  return byKind !== 0 ? byKind : a.value.localeCompare(b.value, 'en', { numeric: true });
}
