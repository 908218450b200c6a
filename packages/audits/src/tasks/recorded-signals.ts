import type { NdArray } from '@engram/domain';
import { type OutputSignals, outputSignals } from './output-signals.js';

/** All that a loss or a scaled confidence alone can tell. */
export type FewSignals = Pick<OutputSignals, 'loss' | 'scaledConfidence' | 'clippedShare'>;

/** Whether the outputs of every class were recorded. */
export function isWhole(signals: OutputSignals | FewSignals): signals is OutputSignals {
  return 'logProbabilities' in signals;
}

/** Losses below this cannot be told from 0 in the precision they come in. */
const smallestLoss = 1e-12;

export type OutputField = 'logits' | 'probabilities' | 'loss' | 'scaledConfidence';

/** The richest signals the recorded fields allow: loss and scaled confidence follow from each other for one class. */
export async function recordedSignals(
  has: (field: OutputField) => boolean,
  read: (field: OutputField) => Promise<NdArray>,
  labels: Int32Array | undefined,
): Promise<OutputSignals | FewSignals> {
  if (labels !== undefined && has('logits')) return outputSignals(await read('logits'), 'logits', labels);
  if (labels !== undefined && has('probabilities'))
    return outputSignals(await read('probabilities'), 'probabilities', labels);
  if (has('scaledConfidence')) {
    const scaledConfidence = Float64Array.from((await read('scaledConfidence')).data);
    return {
      scaledConfidence,
      loss: has('loss') ? Float64Array.from((await read('loss')).data) : lossOf(scaledConfidence),
      clippedShare: 0,
    };
  }
  const loss = Float64Array.from((await read('loss')).data);
  const clipped = loss.reduce((count, nats) => count + Number(nats < smallestLoss), 0);
  return { loss, scaledConfidence: scaledConfidenceOf(loss), clippedShare: clipped / Math.max(1, loss.length) };
}

/** log(1 + e^-phi): the loss of a sample whose scaled confidence is phi. */
function lossOf(scaledConfidence: Float64Array): Float64Array {
  return scaledConfidence.map((phi) => (phi > 0 ? Math.log1p(Math.exp(-phi)) : Math.log1p(Math.exp(phi)) - phi));
}

/**
 * -log(e^l - 1): the scaled confidence of a sample whose loss is l. Of a text, whose loss is the mean over its tokens, it
 * is that of its geometric mean probability per token.
 */
function scaledConfidenceOf(loss: Float64Array): Float64Array {
  return loss.map((nats) => {
    const l = Math.max(nats, smallestLoss);
    return -(l > 30 ? l : Math.log(Math.expm1(l)));
  });
}
