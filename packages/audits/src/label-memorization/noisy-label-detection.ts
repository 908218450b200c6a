import { dataDietScoreIds, mostSuspect } from '@engram/attacks';
import type { NoisyLabelDetection } from '@engram/contract';
import type { Bundle } from '@engram/domain';
import { auc, clopperPearson } from '@engram/metrics';
import { deriveSeed } from '@engram/numeric';
import { meanCount, meanOverRuns } from './mean-over-runs.js';

/**
 * How well each score finds the labels flipped on purpose, from what `train-label-noise` left.
 *
 * @param trained arrays `flipped`, `noisy.<score>`, `noisy.votedTrue` (runs, n).
 * @param reviewed how many samples will be listed for review.
 */
export function noisyLabelDetection(
  { arrays, meta }: Bundle,
  reviewed: number,
  options: { readonly confidence: number; readonly seed: number },
): NoisyLabelDetection {
  const { confidence } = options;
  const [runs, n] = arrays.flipped.shape;
  const numbers = Array.from({ length: runs }, (_, run) => run);
  const ofRun = (name: string, run: number) => arrays[name].data.subarray(run * n, (run + 1) * n);
  const scores = dataDietScoreIds.map((score) => {
    const perRun = numbers.map((run) =>
      auc(ofRun(`noisy.${score}`, run), ofRun('flipped', run), {
        confidence,
        seed: deriveSeed(options.seed, score, run),
      }),
    );
    return { score, auroc: meanOverRuns(perRun, confidence), perRun };
  });
  const value = ({ auroc }: (typeof scores)[number]) => (auroc.status === 'measured' ? auroc.value : 0);
  const best = scores.reduce((found, each) => (value(each) > value(found) ? each : found)).score;
  const flipped = meanCount(numbers.map((run) => sum(ofRun('flipped', run))));
  const found = numbers.map((run) => {
    const truth = ofRun('flipped', run);
    return sum(Array.from(mostSuspect(ofRun(`noisy.${best}`, run), reviewed), (place) => truth[place]));
  });
  const truthful = numbers.map((run) => sum(ofRun('noisy.votedTrue', run)));
  return {
    flip: Number(meta.flip),
    flipped,
    runs,
    epochs: Number(meta.epochs),
    scores,
    best,
    precisionOfReview: clopperPearson(meanCount(found), reviewed, confidence),
    votesForTruth: clopperPearson(meanCount(truthful), flipped, confidence),
  };
}

function sum(values: ArrayLike<number>): number {
  return Array.from(values).reduce((total, each) => total + each, 0);
}
