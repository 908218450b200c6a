import { EngramError } from '@engram/domain';
import { createRandom, deriveSeed, type Random } from '@engram/numeric';

/** Which samples each step of one training run sees. */
export interface BatchPlan {
  readonly stepsPerEpoch: number;
  readonly steps: number;
  /** Writes the samples of a step at `offset` of `into` and returns how many there are; the rest of the batch stays 0. */
  fill(step: number, into: Int32Array, offset: number): number;
}

/**
 * Puts sequences of like length into one batch, so that little padding is computed: within stretches of 16 batches the
 * samples are sorted by length, and the batches are then shuffled. A short batch stays last.
 *
 * @param lengths of all samples.
 */
export function groupByLength(lengths: ArrayLike<number>, batchSize: number) {
  const stretch = 16 * batchSize;
  return (order: Int32Array<ArrayBuffer>, random: Random): Int32Array<ArrayBuffer> => {
    for (let start = 0; start < order.length; start += stretch)
      order.subarray(start, start + stretch).sort((a, b) => lengths[a]! - lengths[b]! || a - b);
    const full = Math.floor(order.length / batchSize);
    const batches = random.shuffle(Int32Array.from({ length: full }, (_, batch) => batch));
    const arranged = order.slice();
    batches.forEach((batch, place) => {
      arranged.set(order.subarray(batch * batchSize, (batch + 1) * batchSize), place * batchSize);
    });
    return arranged;
  };
}

/**
 * Shuffles the samples of a mask anew for every epoch and cuts them into batches; the last batch of an epoch may be short.
 * The order depends on the seed, the epoch and the mask alone.
 *
 * @param trainedOn (n) 1 = in the training set.
 * @param total epochs, or steps when `steps` is given (the last epoch may then be cut off).
 * @param arrange reorders a shuffled epoch before it is cut, to put like samples into one batch.
 * @throws ENG_INSUFFICIENT_SAMPLES the mask is empty.
 */
export function planBatches(
  trainedOn: Uint8Array,
  batchSize: number,
  total: { readonly epochs: number; readonly steps?: number },
  seed: number,
  arrange: (order: Int32Array<ArrayBuffer>, random: Random) => Int32Array<ArrayBuffer> = (order) => order,
): BatchPlan {
  const samples = Int32Array.from(trainedOn.keys()).filter((index) => trainedOn[index] === 1);
  if (samples.length === 0)
    throw new EngramError(
      'ENG_INSUFFICIENT_SAMPLES',
      `a model of the bank has no training samples among ${trainedOn.length}`,
      {
        remedy: 'Choose masks that leave every model at least one sample.',
      },
    );
  const stepsPerEpoch = Math.ceil(samples.length / batchSize);
  let epoch = -1;
  let order = samples;

  function fill(step: number, into: Int32Array, offset: number): number {
    const wanted = Math.floor(step / stepsPerEpoch);
    if (wanted !== epoch) {
      epoch = wanted;
      const random = createRandom(deriveSeed(seed, 'batches', epoch));
      order = arrange(random.shuffle(samples.slice()), random);
    }
    const begin = (step % stepsPerEpoch) * batchSize;
    const batch = order.subarray(begin, begin + batchSize);
    into.set(batch, offset);
    return batch.length;
  }

  return { stepsPerEpoch, steps: total.steps ?? total.epochs * stepsPerEpoch, fill };
}
