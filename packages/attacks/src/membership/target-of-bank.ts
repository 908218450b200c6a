import type { TypedArray } from '@engram/domain';
import type { MembershipSignals, ProbabilitySummary, ReferenceSignals, TargetSignals } from './signals.js';

/**
 * What one model of a bank says, as of a target: all that is kept of a reference model. The probability of every class is
 * there in summary; what only further questions tell is there where reference models were asked them too.
 *
 * @param model row of the bank.
 */
export function targetOfBank(bank: ReferenceSignals, model: number): TargetSignals {
  const { models, loss, scaledConfidence, correct, queryConfidence } = bank;
  const probabilitySummary = summaryOf(bank, model);
  const measured = Object.entries(bank.measured ?? {}).map(
    ([key, { data }]) => [key, { data: rowOf(data, models, model), shape: [data.length / models] }] as const,
  );
  const under = Object.entries(bank.lossUnder ?? {}).map(
    ([key, { data, shape }]) => [key, { data: rowOf(data, models, model), shape: shape.slice(1) }] as const,
  );
  return {
    loss: rowOf(loss, models, model),
    ...(scaledConfidence === undefined ? {} : { scaledConfidence: rowOf(scaledConfidence, models, model) }),
    ...(correct === undefined ? {} : { correct: rowOf(correct, models, model) }),
    ...(probabilitySummary === undefined ? {} : { probabilitySummary }),
    ...(bank.lossUnder === undefined ? {} : { lossUnder: Object.fromEntries(under) }),
    ...(bank.measured === undefined ? {} : { measured: Object.fromEntries(measured) }),
    ...(queryConfidence === undefined
      ? {}
      : {
          queryConfidence: {
            data: Float64Array.from(rowOf(queryConfidence.data, models, model)),
            shape: [...queryConfidence.shape.slice(1)],
          },
        }),
  };
}

function summaryOf(bank: ReferenceSignals, model: number): ProbabilitySummary | undefined {
  const { models, entropy, modifiedEntropy, margin, topProbabilities } = bank;
  if (entropy === undefined || modifiedEntropy === undefined || margin === undefined) return undefined;
  return {
    entropy: rowOf(entropy, models, model),
    modifiedEntropy: rowOf(modifiedEntropy, models, model),
    margin: rowOf(margin, models, model),
    ...(topProbabilities === undefined
      ? {}
      : {
          topProbabilities: {
            data: rowOf(topProbabilities.data, models, model),
            shape: topProbabilities.shape.slice(1),
          },
        }),
  };
}

/**
 * The same audit with a retrained model in the target's place: samples, references and samples set aside stay. The
 * population, which the audited model alone is asked about, does not.
 *
 * @param signals of the audit.
 * @param retrained models trained on what the target was trained on, asked as reference models are; none is a reference.
 * @param model row of `retrained`.
 */
export function withRetrainedTarget(
  signals: MembershipSignals,
  retrained: ReferenceSignals,
  model: number,
): MembershipSignals {
  const { target, population: _, ...kept } = signals;
  const { squaredError } = target;
  return {
    ...kept,
    target: { ...targetOfBank(retrained, model), ...(squaredError === undefined ? {} : { squaredError }) },
  };
}

/** What a bank holds of one model. */
export function rowOf<T extends TypedArray>(values: T, models: number, model: number): T {
  const width = values.length / models;
  return values.subarray(model * width, (model + 1) * width) as T;
}
