import { type MemorizationMeasure, subsampledMemorization, vulnerability } from '@engram/attacks';
import type { OnionReport } from '@engram/contract';

/** Answers of a bank on n samples, from which exposure is measured. */
export interface ExposureBank {
  readonly models: number;
  /** (models, n) 1 = trained on. */
  readonly trainedOn: Uint8Array;
  /** (models, n) nats. */
  readonly loss: Float64Array;
  /** (models, n) nats. */
  readonly scaledConfidence: Float64Array | null;
  /** (models, n) 1 = right. */
  readonly correct: Uint8Array | null;
}

/** What memorization is measured on: right or wrong, or the probability of the truth. */
export function answersOf({ loss, correct }: ExposureBank, measure: MemorizationMeasure): Uint8Array | Float64Array {
  return measure === 'hard' && correct !== null ? correct : loss.map((nats) => Math.exp(-nats));
}

/**
 * Exposure of every sample that has models on both sides.
 *
 * @returns (n) NaN elsewhere; higher = more exposed.
 * @throws ENG_INSUFFICIENT_SAMPLES no spread can be estimated.
 */
export function exposureOf(
  bank: ExposureBank,
  exposure: OnionReport['exposure'],
  measure: MemorizationMeasure,
): Float64Array {
  const { models, trainedOn, scaledConfidence } = bank;
  if (exposure === 'memorization' || scaledConfidence === null)
    return subsampledMemorization({ models, trainedOn, values: answersOf(bank, measure) }, measure).memorization;
  const n = trainedOn.length / models;
  const columns = onBothSides(trainedOn, models, n);
  const width = columns.length;
  const kept = { trainedOn: new Uint8Array(models * width), values: new Float64Array(models * width) };
  for (let model = 0; model < models; model += 1)
    columns.forEach((column, place) => {
      kept.trainedOn[model * width + place] = trainedOn[model * n + column];
      kept.values[model * width + place] = scaledConfidence[model * n + column];
    });
  const { separation } = vulnerability({ models, ...kept });
  const values = new Float64Array(n).fill(Number.NaN);
  columns.forEach((column, place) => {
    values[column] = separation[place];
  });
  return values;
}

function onBothSides(trainedOn: Uint8Array, models: number, n: number): number[] {
  const counts = new Int32Array(n);
  for (let model = 0; model < models; model += 1) for (let i = 0; i < n; i += 1) counts[i] += trainedOn[model * n + i];
  return [...counts.keys()].filter((i) => counts[i] > 0 && counts[i] < models);
}
