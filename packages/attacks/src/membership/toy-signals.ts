import { createRandom, log1pexp } from '@engram/numeric';
import type { MembershipSignals } from './signals.js';

/**
 * Signals of an overfit three-class model for tests: every sample has a difficulty of its own, and training on it raises
 * its confidence by 2 nats. Sample i is a member of the target when i is even; references are complementary pairs.
 */
export function toySignals(n: number, models: number, seed: number): Required<MembershipSignals> {
  const random = createRandom(seed);
  const labels = Int32Array.from({ length: n }, () => random.integer(3));
  const ease = Float64Array.from({ length: n }, () => 1 + 1.5 * random.normal());
  const confidence = (i: number, trained: number) => ease[i] + 2 * trained + 0.7 * random.normal();
  const scaledConfidence = Float64Array.from({ length: n }, (_, i) => confidence(i, 1 - (i % 2)));
  const trainedOn = new Uint8Array(models * n);
  for (let pair = 0; pair < models / 2; pair += 1) {
    for (let i = 0; i < n; i += 1) trainedOn[(2 * pair + random.integer(2)) * n + i] = 1;
  }
  const referenceConfidence = Float64Array.from(trainedOn, (trained, at) => confidence(at % n, trained));
  const loss = (phi: number) => log1pexp(-phi);
  return {
    labels,
    target: {
      loss: scaledConfidence.map(loss),
      scaledConfidence,
      logProbabilities: { data: logProbabilities(scaledConfidence, labels), shape: [n, 3] },
    },
    reference: { models, trainedOn, loss: referenceConfidence.map(loss), scaledConfidence: referenceConfidence },
    population: {
      targetLoss: Float64Array.from({ length: n }, () => loss(1 + 1.5 * random.normal())),
      referenceLoss: Float64Array.from({ length: models * n }, () => loss(1 + 1.5 * random.normal())),
      trainedOn: new Uint8Array(models * n),
    },
  };
}

/** Rows with the given confidence in the label, the rest shared by the two other classes. */
function logProbabilities(phi: Float64Array, labels: Int32Array): Float64Array {
  return Float64Array.from({ length: 3 * phi.length }, (_, at) => {
    const i = Math.floor(at / 3);
    return at % 3 === labels[i] ? -log1pexp(-phi[i]) : -log1pexp(phi[i]) - Math.LN2;
  });
}

/** Area under the ROC curve, ties as half; members are the even samples. */
export function aucOfEven(scores: Float64Array): number {
  let wins = 0;
  let pairs = 0;
  for (let i = 0; i < scores.length; i += 2) {
    for (let j = 1; j < scores.length; j += 2) {
      wins += scores[i] > scores[j] ? 1 : scores[i] === scores[j] ? 0.5 : 0;
      pairs += 1;
    }
  }
  return wins / pairs;
}

/** The same signals with samples in another order: row i of the result is row `order[i]`. */
export function permuteSamples(signals: MembershipSignals, order: readonly number[]): MembershipSignals {
  const n = order.length;
  const rows = <T extends Float64Array | Int32Array | Uint8Array>(values: T, width = 1): T =>
    values.map((_, at) => values[order[Math.floor(at / width)] * width + (at % width)]) as T;
  const models = <T extends Float64Array | Uint8Array>(values: T): T =>
    values.map((_, at) => values[Math.floor(at / n) * n + order[at % n]]) as T;
  const { labels, target, reference } = signals;
  return {
    labels: rows(labels!),
    target: {
      loss: rows(target.loss),
      scaledConfidence: rows(target.scaledConfidence!),
      logProbabilities: {
        data: rows(target.logProbabilities!.data, target.logProbabilities!.shape[1]),
        shape: target.logProbabilities!.shape,
      },
    },
    reference: {
      models: reference!.models,
      trainedOn: models(reference!.trainedOn),
      loss: models(reference!.loss),
      scaledConfidence: models(reference!.scaledConfidence!),
    },
  };
}
