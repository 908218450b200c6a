import type { Bundle } from '@engram/domain';
import { EngramError } from '@engram/domain';
import type { ExposureBank } from './exposure.js';

/** What memorization reads of a bank of models: rows are models, columns samples. */
export interface Bank extends ExposureBank {
  /** (models, n) class indices. */
  readonly predicted: Int32Array | null;
  /** On samples that no model trained on; null without any. */
  readonly population: PopulationAnswers | null;
}

export interface PopulationAnswers {
  readonly count: number;
  /** (models, count) probability of the truth. */
  readonly confidence: Float32Array;
  /** (models, count) 1 = right. */
  readonly correct: Uint8Array | null;
}

/**
 * The bank from what groups of reference models left, or, without groups, from outputs of reference models that came with
 * the data.
 *
 * @param groups bundles of `collect-reference-signals`, in the order of their models.
 * @param collected bundle of `collect-signals`.
 * @throws ENG_ATTACK_NOT_APPLICABLE there is neither.
 */
export function bankOf(groups: readonly Bundle[], collected: Bundle): Bank {
  if (groups.length > 0) return joinGroups(groups);
  const { arrays } = collected;
  const trainedOn = arrays['reference.trainedOn'];
  if (trainedOn === undefined)
    throw new EngramError('ENG_ATTACK_NOT_APPLICABLE', 'memorization needs reference models, and there are none', {
      remedy: 'Audit a model that can be trained here, or give the outputs of reference models with the data.',
    });
  const populationLoss = arrays['population.referenceLoss'];
  return {
    models: trainedOn.shape[0],
    trainedOn: trainedOn.data as Uint8Array,
    loss: arrays['reference.loss'].data as Float64Array,
    scaledConfidence: (arrays['reference.scaledConfidence']?.data as Float64Array | undefined) ?? null,
    correct: (arrays['reference.correct']?.data as Uint8Array | undefined) ?? null,
    predicted: (arrays['reference.predicted']?.data as Int32Array | undefined) ?? null,
    population:
      populationLoss === undefined
        ? null
        : {
            count: populationLoss.shape[1],
            confidence: Float32Array.from(populationLoss.data, (nats) => Math.exp(-nats)),
            correct: null,
          },
  };
}

/** Groups of models one after another; what one of them lacks, the bank lacks. */
export function joinGroups(groups: readonly Bundle[]): Bank {
  const models = groups.reduce((sum, { arrays }) => sum + arrays.trainedOn.shape[0], 0);
  const whole = <T extends Float64Array | Float32Array | Int32Array | Uint8Array>(
    name: string,
    make: new (length: number) => T,
  ): T | null => {
    if (groups.some(({ arrays }) => arrays[name] === undefined)) return null;
    const values = new make(groups.reduce((sum, { arrays }) => sum + arrays[name].data.length, 0));
    let at = 0;
    for (const { arrays } of groups) {
      values.set(arrays[name].data, at);
      at += arrays[name].data.length;
    }
    return values;
  };
  const confidence = whole('population.confidence', Float32Array);
  return {
    models,
    trainedOn: whole('trainedOn', Uint8Array)!,
    loss: whole('loss', Float64Array)!,
    scaledConfidence: whole('scaledConfidence', Float64Array),
    correct: whole('correct', Uint8Array),
    predicted: whole('predicted', Int32Array),
    population:
      confidence === null
        ? null
        : { count: confidence.length / models, confidence, correct: whole('population.correct', Uint8Array) },
  };
}
