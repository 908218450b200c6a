import { comparePeeled, type LayerComparison } from '@engram/attacks';
import type { OnionReport } from '@engram/contract';
import type { Measured } from '@engram/domain';
import { clopperPearson, meanDifference } from '@engram/metrics';
import { meanInterval } from '../difficulty/mean-interval.js';

/** Accuracies of models trained on all members left, one per seed. */
export interface RetrainedAccuracies {
  /** (seeds) on the non-members. */
  readonly test: Float64Array;
  /** (seeds) on the members they trained on. */
  readonly training: Float64Array;
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
  readonly confidence: number;
}

/** Below it, a model has not learned its training set, and what a removal costs says little. */
const convergedAccuracy = 0.995;

/** The onion's section: every quantity after removing the exposed, beside the same after removing random members. */
export function compareRemovals(removals: Removals): OnionReport {
  const { confidence, exposed, members, retrained } = removals;
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
    utility: {
      retrainSeeds: retrained.exposed.test.length,
      testAccuracy: {
        exposed: meanInterval(retrained.exposed.test, confidence),
        random: meanInterval(retrained.random.test, confidence),
        difference: meanDifference(retrained.exposed.test, retrained.random.test, confidence),
      },
      trainingAccuracy: {
        exposed: meanInterval(retrained.exposed.training, confidence),
        random: meanInterval(retrained.random.training, confidence),
      },
      cautions: cautionsOf(retrained),
    },
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

function cautionsOf({ exposed, random }: Removals['retrained']): string[] {
  const least = Math.min(...exposed.training, ...random.training);
  const cautions = [
    'Members were not compared with the non-members for near-duplicates here, which make memorised samples look more useful than they are.',
  ];
  if (!(least >= convergedAccuracy))
    cautions.push(
      `Some retrained model gets only ${(100 * least).toFixed(1)} % of its own training samples right; below ${100 * convergedAccuracy} % a difference in accuracy may come from training that had not converged.`,
    );
  return cautions;
}
