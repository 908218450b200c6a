import { type BoostedTrees, type BoostingLoss, boostTrees, stagedLosses } from '@engram/numeric';
import type { SampleRows } from './sample-rows.js';

export interface CrossFitInput {
  readonly rows: SampleRows;
  /** (n) of every sample; only those set aside are read. */
  readonly targets: Float64Array;
  /** Samples set aside, in the order sums are to run. */
  readonly setAside: Int32Array;
  /** (n). */
  readonly foldOf: Int32Array;
  readonly folds: number;
  readonly loss: BoostingLoss;
  readonly seed: number;
}

export interface CrossFit {
  /** (folds) the model of a fold learned from the others. */
  readonly models: readonly BoostedTrees[];
  /** How many of their rounds to use. */
  readonly rounds: number;
}

const mostRounds = 100;

const depths = [2, 4] as const;

/** Finer cuts would be told apart by a handful of rows. */
const bins = 64;

/** Wide data are looked at through this many columns per tree, drawn anew for each: bounds the cost of images. */
const columnsPerTree = 64;

/**
 * One model per fold of the samples set aside. Depth and number of rounds are those of least mean loss on the fold left
 * out, the same for all folds; no sample that is judged has a say.
 */
export function crossFit({ rows, targets, setAside, foldOf, folds, loss, seed }: CrossFitInput): CrossFit {
  const targetsOf = (samples: Int32Array) => Float64Array.from(samples, (i) => targets[i]);
  const data = Array.from({ length: folds }, (_, fold) => {
    const [learned, held] = [setAside.filter((i) => foldOf[i] !== fold), setAside.filter((i) => foldOf[i] === fold)];
    return {
      learned: rows(learned),
      learnedTargets: targetsOf(learned),
      held: rows(held),
      heldTargets: targetsOf(held),
    };
  });
  let best: (CrossFit & { readonly loss: number }) | undefined;
  for (const depth of depths) {
    const losses = new Float64Array(mostRounds + 1);
    const models = data.map(({ learned, learnedTargets, held, heldTargets }) => {
      const model = boostTrees(learned, learnedTargets, loss, {
        rounds: mostRounds,
        depth,
        bins,
        columnsPerTree,
        seed,
      });
      const share = heldTargets.length / setAside.length;
      stagedLosses(model, held, heldTargets, loss).forEach((value, round) => {
        losses[round] += share * value;
      });
      return model;
    });
    const least = Math.min(...losses);
    if (best === undefined || least < best.loss) best = { models, rounds: losses.indexOf(least), loss: least };
  }
  return best!;
}
