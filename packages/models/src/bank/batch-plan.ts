import { EngramError } from '@engram/domain';
import { createRandom, deriveSeed } from '@engram/numeric';

/** Which samples each step of one training run sees. */
export interface BatchPlan {
  readonly stepsPerEpoch: number;
  readonly steps: number;
  /** Writes the samples of a step at `offset` of `into` and returns how many there are; the rest of the batch stays 0. */
  fill(step: number, into: Int32Array, offset: number): number;
}

/**
 * Shuffles the samples of a mask anew for every epoch and cuts them into batches; the last batch of an epoch may be short.
 * The order depends on the seed, the epoch and the mask alone.
 *
 * @param trainedOn (n) 1 = in the training set.
 * @param total epochs, or steps when `steps` is given (the last epoch may then be cut off).
 * @throws ENG_INSUFFICIENT_SAMPLES the mask is empty.
 */
export function planBatches(
  trainedOn: Uint8Array,
  batchSize: number,
  total: { readonly epochs: number; readonly steps?: number },
  seed: number,
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
      order = createRandom(deriveSeed(seed, 'batches', epoch)).shuffle(samples.slice());
    }
    const begin = (step % stepsPerEpoch) * batchSize;
    const batch = order.subarray(begin, begin + batchSize);
    into.set(batch, offset);
    return batch.length;
  }

  return { stepsPerEpoch, steps: total.steps ?? total.epochs * stepsPerEpoch, fill };
}
