import type { NdArray } from '@engram/domain';
import type { Labels } from '@engram/models';
import { scaledConfidenceFromSquaredErrors } from '@engram/numeric';
import { type FewSignals, type OutputSignals, outputSignals, signalsOfOutputs } from './output-signals.js';

/** Losses below this cannot be told from 0 in the precision they come in. */
const smallestLoss = 1e-12;

export type OutputField = 'logits' | 'probabilities' | 'prediction' | 'loss' | 'scaledConfidence';

/**
 * The richest signals the recorded fields allow: loss and scaled confidence follow from each other for one class.
 *
 * @param truth classes, or the targets of predictions; undefined where neither was recorded.
 */
export async function recordedSignals(
  has: (field: OutputField) => boolean,
  read: (field: OutputField) => Promise<NdArray>,
  truth: Labels | undefined,
): Promise<OutputSignals | FewSignals> {
  if (truth instanceof Int32Array && has('logits')) return outputSignals(await read('logits'), 'logits', truth);
  if (truth instanceof Int32Array && has('probabilities'))
    return outputSignals(await read('probabilities'), 'probabilities', truth);
  if (truth instanceof Float64Array) return signalsOfRegression(has, read, truth);
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

/** Of a regression: squared errors, and minus their logarithm. */
async function signalsOfRegression(
  has: (field: OutputField) => boolean,
  read: (field: OutputField) => Promise<NdArray>,
  targets: Float64Array,
): Promise<FewSignals> {
  if (has('prediction')) return signalsOfOutputs(await read('prediction'), 'prediction', targets);
  const recorded = async (field: 'loss' | 'scaledConfidence') =>
    has(field) ? Float64Array.from((await read(field)).data) : null;
  const confidence = await recorded('scaledConfidence');
  const loss = (await recorded('loss')) ?? confidence!.map((value) => Math.exp(-value));
  return { loss, scaledConfidence: confidence ?? scaledConfidenceFromSquaredErrors(loss), clippedShare: 0 };
}

/** What recorded outputs are held against: targets where every prediction has one, else classes where there are any. */
export async function recordedTruth(
  has: (field: 'prediction' | 'target' | 'label') => boolean,
  read: (field: 'target' | 'label') => Promise<NdArray>,
): Promise<Labels | undefined> {
  if (has('prediction') && has('target')) return Float64Array.from((await read('target')).data);
  return has('label') ? Int32Array.from((await read('label')).data) : undefined;
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
