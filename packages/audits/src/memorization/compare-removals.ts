import { comparePeeled, type LayerComparison } from '@engram/attacks';
import type { OnionReport } from '@engram/contract';
import type { Measured } from '@engram/domain';
import { clopperPearson, meanDifference } from '@engram/metrics';
import { meanInterval } from '../difficulty/mean-interval.js';
import { type NearDuplicates, necessityOf } from './necessity.js';

/** Accuracies of models trained on all members left, one per seed. */
export interface RetrainedAccuracies {
  /** (seeds) on the non-members. */
  readonly test: Float64Array;
  /** (seeds) on the members they trained on. */
  readonly training: Float64Array;
  /** (non-members) share of these models that get each right. */
  readonly perTest: Float64Array;
}

export interface Removals {
  readonly exposure: OnionReport['exposure'];
  readonly modelsPerArm: number;
  /** (n) exposure by the bank on everything, without the exposed and without random members; NaN where unknown. */
  readonly before: Float64Array;
  readonly withoutExposed: Float64Array;
  readonly withoutRandom: Float64Array;
  /** Rows taken away. */
  readonly exposed: Int32Array;
  readonly random: Int32Array;
  readonly members: Int32Array;
  readonly retrained: { readonly exposed: RetrainedAccuracies; readonly random: RetrainedAccuracies };
  /** Null where members were not compared with non-members. */
  readonly nearDuplicates: NearDuplicates | null;
  readonly confidence: number;
}

/** The onion's section: every quantity after removing the exposed, beside the same after removing random members. */
export function compareRemovals(removals: Removals): OnionReport {
  const { confidence, exposed, members } = removals;
  const layers = comparePeeled({ ...removals, among: members });
  const compared = layers.rows.length;
  const newly = (flags: Uint8Array) =>
    clopperPearson(
      flags.reduce((sum, flag) => sum + flag, 0),
      compared,
      confidence,
    );
  const newlyExposed = {
    exposed: newly(layers.newlyExposed.exposed),
    random: newly(layers.newlyExposed.random),
    difference: pairedDifference(layers.newlyExposed, confidence),
  };
  const overlap = (count: number) => clopperPearson(count, layers.layer, confidence);
  return {
    statement: stateOnion(newlyExposed.difference, layers),
    exposure: removals.exposure,
    removed: exposed.length,
    modelsPerArm: removals.modelsPerArm,
    threshold: layers.threshold,
    compared,
    change: {
      exposed: meanInterval(layers.change.exposed, confidence),
      random: meanInterval(layers.change.random, confidence),
      difference: pairedDifference(layers.change, confidence),
    },
    newlyExposed,
    overlap: {
      exposed: overlap(layers.overlap.exposed),
      random: overlap(layers.overlap.random),
      chance: layers.layer / compared,
    },
    utility: utilityOf(removals),
  };
}

/** What the removals cost in accuracy, and whether that says anything of the members taken away. */
function utilityOf({ exposed, retrained, nearDuplicates, confidence }: Removals): OnionReport['utility'] {
  const overSeeds = meanDifference(retrained.exposed.test, retrained.random.test, confidence);
  const overSamples = pairedDifference(
    { exposed: retrained.exposed.perTest, random: retrained.random.perTest },
    confidence,
  );
  const necessity = necessityOf({
    removed: exposed.length,
    overSeeds,
    overSamples,
    trainingAccuracies: [...retrained.exposed.training, ...retrained.random.training],
    nearDuplicates,
    confidence,
  });
  return {
    retrainSeeds: retrained.exposed.test.length,
    testAccuracy: {
      exposed: meanInterval(retrained.exposed.test, confidence),
      random: meanInterval(retrained.random.test, confidence),
      difference: overSeeds,
    },
    testAccuracyOverSamples: overSamples,
    trainingAccuracy: {
      exposed: meanInterval(retrained.exposed.training, confidence),
      random: meanInterval(retrained.random.training, confidence),
    },
    necessity,
    cautions: necessity.conditions.flatMap(({ met, statement }) => (met ? [] : [statement])),
  };
}

/** Mean over rows of one arm less the other: both arms judge the same rows. */
function pairedDifference(
  { exposed, random }: { readonly exposed: ArrayLike<number>; readonly random: ArrayLike<number> },
  confidence: number,
): Measured {
  return meanInterval(
    Float64Array.from(exposed, (value, i) => value - random[i]),
    confidence,
  );
}

function stateOnion(difference: Measured, { newlyExposed, rows }: LayerComparison): string {
  const count = (flags: Uint8Array) => flags.reduce((sum, flag) => sum + flag, 0);
  const [after, control] = [count(newlyExposed.exposed), count(newlyExposed.random)];
  const counts = `of ${rows.length} members left, ${after} became as exposed as those removed, against ${control} after removing as many at random`;
  if (difference.status === 'measured' && difference.low > 0) return `Deleting the exposed exposes others: ${counts}.`;
  return `That deleting the exposed exposes others was not shown: ${counts}.`;
}
