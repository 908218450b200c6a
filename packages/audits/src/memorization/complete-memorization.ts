import type { CScoreReport, Finding, MemorizationReport } from '@engram/contract';
import type { Bundle } from '@engram/domain';
import { deriveSeed } from '@engram/numeric';
import type { MemorizationDecisions } from '../decisions.js';
import { exposedShare } from '../report/quantities.js';
import { joinGroups } from './bank.js';
import { compareRemovals, type RetrainedAccuracies } from './compare-removals.js';
import { correlateColumns } from './correlate-columns.js';
import { exposureOf } from './exposure.js';

/** Bundles of one arm of the onion: models on subsets of what is left, and models on all members left. */
export interface OnionArm {
  readonly subsets: readonly Bundle[];
  readonly whole: Bundle;
}

export interface MemorizationParts {
  /** What `estimate-memorization` left. */
  readonly estimated: Bundle;
  /** What `score-consistency` left; null when not asked for. */
  readonly consistency: Bundle | null;
  readonly arms: { readonly exposed: OnionArm; readonly random: OnionArm } | null;
  /** What `find-near-duplicates` left; null where it did not run. */
  readonly nearDuplicates: Bundle | null;
  readonly decisions: MemorizationDecisions;
  /** Columns of the per-sample table, each (judged). */
  readonly columns: Readonly<Record<string, ArrayLike<number>>>;
  /** (judged) 1 = member. */
  readonly membership: Uint8Array;
  /** Columns of membership scores and of difficulty, to be compared with memorization. */
  readonly others: readonly string[];
  readonly confidence: number;
  readonly seed: number;
}

const oneSize =
  "Consistency is that of one size of the training set, the bank's. The C-score is its mean over several (tests.memorization.consistency).";

/** The section on memorization with what only the whole audit knows: the onion, and how columns go together. */
export function completeMemorization(parts: MemorizationParts): {
  readonly section: MemorizationReport;
  readonly findings: readonly Finding[];
} {
  const { estimated, consistency, arms, decisions, membership, columns, others, confidence, seed } = parts;
  const members = Int32Array.from(membership.keys()).filter((row) => membership[row] === 1);
  const onion = arms === null || decisions.onion === null ? null : peel(parts, arms, decisions.onion, members);
  const pairs = (['memorization', 'vulnerability'] as const).flatMap((first) => [
    ...(first === 'memorization' ? [[first, 'vulnerability'] as const] : []),
    ...['consistency', 'cScore', 'agreement', ...others].map((second) => [first, second] as const),
  ]);
  const section = estimated.meta.section as unknown as MemorizationReport;
  const findings = estimated.meta.findings as unknown as Finding[];
  return {
    section: {
      ...section,
      typicality: {
        ...section.typicality,
        ...(consistency === null ? {} : { cScore: consistency.meta.section as unknown as CScoreReport }),
      },
      limits: consistency === null ? [...section.limits, oneSize] : section.limits,
      statement: onion === null ? section.statement : `${section.statement} ${onion.statement}`,
      onion,
      correlations: correlateColumns(columns, pairs, members, { confidence, seed: deriveSeed(seed, 'memorization') }),
    },
    findings: onion === null ? findings : [...findings, ...onionFindings(onion)],
  };
}

function peel(
  { estimated, nearDuplicates, decisions, membership, confidence }: MemorizationParts,
  arms: NonNullable<MemorizationParts['arms']>,
  { exposure, models }: NonNullable<MemorizationDecisions['onion']>,
  members: Int32Array,
): NonNullable<MemorizationReport['onion']> {
  const after = (arm: OnionArm) => exposureOf(joinGroups(arm.subsets), exposure, decisions.measure);
  const removed = (arm: OnionArm) => arm.subsets[0].arrays.removed.data as Int32Array;
  return compareRemovals({
    exposure,
    modelsPerArm: models,
    before: estimated.arrays.exposure.data as Float64Array,
    withoutExposed: after(arms.exposed),
    withoutRandom: after(arms.random),
    exposed: removed(arms.exposed),
    random: removed(arms.random),
    members,
    retrained: {
      exposed: accuraciesOf(arms.exposed.whole, membership),
      random: accuraciesOf(arms.random.whole, membership),
    },
    nearDuplicates:
      nearDuplicates === null
        ? null
        : { count: Number(nearDuplicates.meta.count), judged: Number(nearDuplicates.meta.judged) },
    confidence,
  });
}

function accuraciesOf({ arrays }: Bundle, membership: Uint8Array): RetrainedAccuracies {
  const { trainedOn, correct } = arrays;
  const [models, n] = trainedOn.shape;
  const share = (counts: (at: number, row: number) => boolean) =>
    Float64Array.from({ length: models }, (_, model) => {
      let right = 0;
      let total = 0;
      for (let row = 0; row < membership.length; row += 1) {
        const at = model * n + row;
        if (!counts(at, row)) continue;
        total += 1;
        right += correct.data[at];
      }
      return right / total;
    });
  const tests = Int32Array.from(membership.keys()).filter((row) => membership[row] === 0);
  return {
    training: share((at) => trainedOn.data[at] === 1),
    test: share((_, row) => membership[row] === 0),
    perTest: Float64Array.from(tests, (row) => {
      let right = 0;
      for (let model = 0; model < models; model += 1) right += correct.data[model * n + row];
      return right / models;
    }),
  };
}

function onionFindings({
  newlyExposed,
  exposure,
  compared,
}: NonNullable<MemorizationReport['onion']>): Required<Finding>[] {
  const { difference, exposed, random } = newlyExposed;
  if (difference.status !== 'measured' || difference.low <= 0) return [];
  return [
    {
      id: `memorization.onion.${exposure}`,
      severity: 'medium',
      statement: `Deleting the most exposed members exposes others: of ${compared} members left, more are exposed then than after deleting as many at random.`,
      quantity: exposedShare(null),
      measured: exposed,
      control: random,
    },
  ];
}
