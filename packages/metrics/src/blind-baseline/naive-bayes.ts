import type { BlindFeatures } from './blind-features.js';
import { type FoldSums, foldSums, trainingSums } from './fold-sums.js';

// Added to every variance, in units of the column's own: keeps a column that is constant within one side from
// deciding alone.
const varianceFloor = 0.01;

/**
 * Out-of-fold log-odds of Gaussian naive Bayes: each column normal within each side, columns independent.
 *
 * @param features prepared.
 * @param all sums over all rows, from `foldSums(features)`.
 * @param membership (n) 1 = member, 0 = non-member.
 * @returns (n) nats; higher = more member-like.
 */
export function naiveBayesScores(features: BlindFeatures, all: FoldSums, membership: ArrayLike<number>): Float64Array {
  const { rows, columns, values, foldOf, folds } = features;
  const ofMembers = foldSums(features, membership);
  const scores = new Float64Array(rows);
  const linear = new Float64Array(columns);
  const square = new Float64Array(columns);
  for (let fold = 0; fold < folds; fold += 1) {
    const total = trainingSums(all, fold, columns);
    const member = trainingSums(ofMembers, fold, columns);
    const others = total.count - member.count;
    let constant = Math.log(member.count / others);
    for (let j = 0; j < columns; j += 1) {
      const meanIn = member.first[j]! / member.count;
      const meanOut = (total.first[j]! - member.first[j]!) / others;
      const varIn = Math.max(0, member.second[j]! / member.count - meanIn ** 2) + varianceFloor;
      const varOut = Math.max(0, (total.second[j]! - member.second[j]!) / others - meanOut ** 2) + varianceFloor;
      // log N(x; in) - log N(x; out), gathered by powers of x.
      square[j] = 0.5 / varOut - 0.5 / varIn;
      linear[j] = meanIn / varIn - meanOut / varOut;
      constant += 0.5 * (Math.log(varOut / varIn) + meanOut ** 2 / varOut - meanIn ** 2 / varIn);
    }
    for (let i = 0; i < rows; i += 1) {
      if (foldOf[i] !== fold) continue;
      let sum = constant;
      for (let j = 0; j < columns; j += 1) {
        const x = values[i * columns + j]!;
        sum += x * (linear[j]! + x * square[j]!);
      }
      scores[i] = sum;
    }
  }
  return scores;
}
