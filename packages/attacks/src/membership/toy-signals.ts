import type { NdArray, TypedArray } from '@engram/domain';
import { createRandom, log1pexp, ranks } from '@engram/numeric';
import { leaveOneOut } from './leave-one-out.js';
import { lossUnder, type ProbabilityOfTruth, probabilityKey } from './loss-under.js';
import type { SignalRequirement } from './requirements.js';
import type { MembershipSignals } from './signals.js';
import { type MeasureKind, measureKey } from './target-measure.js';

/** Augmented forms of a sample, itself among them. */
const forms = 18;

/**
 * Signals of an overfit three-class model for tests: every sample has a difficulty of its own, and training on it raises
 * its confidence by 2 nats. Sample i is a member of the target when i is even; every second non-member is set aside;
 * references are complementary pairs. The covariates hold how easy a sample is, and noise.
 *
 * @param lift nats of confidence training gives; 0 = a model that remembers nothing.
 */
export function toySignals(n: number, models: number, seed: number, lift = 2): Required<MembershipSignals> {
  const random = createRandom(seed);
  const labels = Int32Array.from({ length: n }, () => random.integer(3));
  const ease = Float64Array.from({ length: n }, () => 1.5 * random.normal() - 0.5);
  const confidence = (i: number, trained: number) => ease[i] + lift * trained + 0.7 * random.normal();
  const scaledConfidence = Float64Array.from({ length: n }, (_, i) => confidence(i, 1 - (i % 2)));
  const trainedOn = new Uint8Array(models * n);
  for (let pair = 0; pair < models / 2; pair += 1) {
    for (let i = 0; i < n; i += 1) trainedOn[(2 * pair + random.integer(2)) * n + i] = 1;
  }
  const referenceConfidence = Float64Array.from(trainedOn, (trained, at) => confidence(at % n, trained));
  const loss = (phi: number) => log1pexp(-phi);
  const right = (phi: number) => Number(phi > -Math.LN2);
  const shares = referenceConfidence.map((phi) => 1 / (1 + Math.exp(-phi)));
  /** What a model answers about form after form of the samples: much the same. */
  const aboutForms = (phi: Float64Array, into: Float64Array | Float32Array) => {
    for (let form = 0; form < forms; form += 1)
      into.set(form === 0 ? phi : phi.map((value) => value + 0.3 * random.normal()), form * n);
  };
  const targetForms = new Float64Array(forms * n);
  aboutForms(scaledConfidence, targetForms);
  const referenceForms = new Float32Array(models * forms * n);
  for (let k = 0; k < models; k += 1)
    aboutForms(
      referenceConfidence.subarray(k * n, (k + 1) * n),
      referenceForms.subarray(k * forms * n, (k + 1) * forms * n),
    );
  return {
    calibration: Uint8Array.from({ length: n }, (_, i) => Number(i % 4 === 3)),
    covariates: {
      data: Float64Array.from({ length: 2 * n }, (_, at) => (at % 2 === 0 ? ease[at / 2] : random.normal())),
      shape: [n, 2],
    },
    labels,
    target: {
      loss: scaledConfidence.map(loss),
      scaledConfidence,
      logProbabilities: { data: logProbabilities(scaledConfidence, labels), shape: [n, 3] },
      correct: Uint8Array.from(scaledConfidence, right),
      queryConfidence: { data: targetForms, shape: [forms, n] },
    },
    reference: {
      models,
      trainedOn,
      loss: referenceConfidence.map(loss),
      scaledConfidence: referenceConfidence,
      correct: Uint8Array.from(referenceConfidence, right),
      topProbabilities: {
        data: Float32Array.from({ length: 3 * models * n }, (_, at) => {
          const p = shares[Math.floor(at / 3)];
          return [p, (1 - p) / 2, (1 - p) / 2].sort((a, b) => b - a)[at % 3];
        }),
        shape: [models, n, 3],
      },
      entropy: Float32Array.from(shares, (p) => -p * Math.log(p) - (1 - p) * Math.log((1 - p) / 2)),
      modifiedEntropy: shares.map((p) => -(1 - p) * Math.log(p) - (1 - p) * Math.log((1 + p) / 2)),
      margin: referenceConfidence.map((phi) => phi + Math.LN2),
      queryConfidence: { data: referenceForms, shape: [models, forms, n] },
    },
    population: {
      targetLoss: Float64Array.from({ length: n }, () => loss(1.5 * random.normal() - 0.5)),
      referenceLoss: Float64Array.from({ length: models * n }, () => loss(1.5 * random.normal() - 0.5)),
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

/** Area under the ROC curve, ties as half. */
export function aucOf(scores: Float64Array, membership: ArrayLike<number>): number {
  let [sum, members] = [0, 0];
  ranks(scores).forEach((rank, i) => {
    sum += membership[i] * rank;
    members += membership[i];
  });
  return (sum - (members * (members + 1)) / 2) / (members * (scores.length - members));
}

/** Area under the ROC curve where the even samples are the members. */
export function aucOfEven(scores: Float64Array): number {
  return aucOf(
    scores,
    scores.map((_, i) => 1 - (i % 2)),
  );
}

/** A model of the bank in the target's place, and what it trained on. */
export function toyReferenceAsTarget(
  signals: Required<MembershipSignals>,
  model: number,
): { readonly signals: Required<MembershipSignals>; readonly membership: Uint8Array } {
  const { signals: swapped, membership } = leaveOneOut(signals.reference, model, signals);
  return { signals: { ...swapped, population: signals.population } as Required<MembershipSignals>, membership };
}

/** Signals with every measure the requirements name taken: the scaled confidence, so larger for members, with noise. */
export function toyMeasures(
  signals: Required<MembershipSignals>,
  requirements: readonly SignalRequirement[],
  seed: number,
): Required<MembershipSignals> {
  const random = createRandom(seed + 1);
  const { target, reference } = signals;
  const measured: Record<string, NdArray<Float64Array>> = {};
  const ofReferences: Record<string, NdArray<Float64Array>> = {};
  const under: Record<string, NdArray<Float64Array>> = {};
  const underOfReferences: Record<string, NdArray<Float64Array>> = {};
  const noisy = (phi: number) => Math.exp(phi / 4) + 0.1 * random.uniform();
  for (const requirement of requirements) {
    if (requirement.signal === 'lossUnder') {
      const key = probabilityKey(requirement.probability);
      under[key] = toyLossUnder(target.queryConfidence!, requirement.probability);
      underOfReferences[key] = toyLossUnder(reference.queryConfidence!, requirement.probability);
    }
    if (requirement.signal !== 'measure' && requirement.signal !== 'referenceMeasure') continue;
    const { measure } = requirement;
    const key = measureKey(measure);
    if (requirement.signal === 'measure') measured[key] = toyMeasure(measure.kind, target.scaledConfidence!.map(noisy));
    else {
      const { data } = toyMeasure(measure.kind, reference.scaledConfidence!.map(noisy));
      ofReferences[key] = { data, shape: [reference.models, data.length / reference.models] };
    }
  }
  const squaredError = requirements.some(({ signal }) => signal === 'squaredError');
  return {
    ...signals,
    target: { ...target, measured, lossUnder: under, squaredError },
    reference: { ...reference, measured: ofReferences, lossUnder: underOfReferences },
  };
}

/** Of logits that give the label this confidence, the other two classes none. */
function toyLossUnder({ data, shape }: NdArray, probability: ProbabilityOfTruth): NdArray<Float64Array> {
  const logits = Float64Array.from({ length: 3 * data.length }, (_, at) =>
    at % 3 === 0 ? data[at / 3] + Math.LN2 : 0,
  );
  return {
    data: lossUnder({ data: logits, shape: [data.length, 3] }, new Int32Array(data.length), probability),
    shape,
  };
}

/** Of values larger for members: gradients are smaller for them; a trace falls from five times the value to the value;
 * a linear regression moved the prediction by the value, and left as much to explain. */
function toyMeasure(kind: MeasureKind, values: Float64Array): NdArray<Float64Array> {
  const n = values.length;
  if (kind === 'gradientNorm' || kind === 'lastLayerGradientNorm')
    return { data: values.map((value) => 1 / value), shape: [n] };
  if (kind === 'linearStatistics') {
    const doubled = values.map((value) => 2 * value);
    return { data: Float64Array.of(...doubled, ...values, ...values), shape: [3, n] };
  }
  if (kind !== 'lossTrace') return { data: values, shape: [n] };
  const data = Float64Array.from({ length: 5 * n }, (_, at) => (5 - Math.floor(at / n)) * values[at % n]);
  return { data, shape: [5, n] };
}

/** The same signals with samples in another order: row i of the result is row `order[i]`. */
export function permuteSamples(signals: Required<MembershipSignals>, order: readonly number[]): MembershipSignals {
  const n = order.length;
  const rows = <T extends TypedArray>(values: T, width = 1): T =>
    values.map((_, at) => values[order[Math.floor(at / width)] * width + (at % width)]) as T;
  /** Of arrays (…, n, width). */
  const last = <T extends TypedArray>(values: T, width = 1): T =>
    values.map((_, at) => {
      const sample = Math.floor(at / width) % n;
      return values[at + (order[sample] - sample) * width];
    }) as T;
  const array = <T extends TypedArray>({ data, shape }: NdArray<T>, width = 1) => ({ data: last(data, width), shape });
  const { labels, target, reference, calibration, covariates } = signals;
  return {
    labels: rows(labels),
    calibration: rows(calibration),
    covariates: { data: rows(covariates.data, covariates.shape[1]), shape: covariates.shape },
    target: {
      loss: rows(target.loss!),
      scaledConfidence: rows(target.scaledConfidence!),
      logProbabilities: array(target.logProbabilities!, target.logProbabilities!.shape[1]),
      correct: rows(target.correct!),
      queryConfidence: array(target.queryConfidence!),
      lossUnder: Object.fromEntries(
        Object.entries(target.lossUnder ?? {}).map(([key, values]) => [key, array(values)]),
      ),
      squaredError: target.squaredError === true,
      measured: Object.fromEntries(Object.entries(target.measured ?? {}).map(([key, values]) => [key, array(values)])),
    },
    reference: {
      models: reference.models,
      trainedOn: last(reference.trainedOn),
      loss: last(reference.loss),
      scaledConfidence: last(reference.scaledConfidence!),
      correct: last(reference.correct!),
      entropy: last(reference.entropy!),
      modifiedEntropy: last(reference.modifiedEntropy!),
      margin: last(reference.margin!),
      topProbabilities: array(reference.topProbabilities!, reference.topProbabilities!.shape[2]),
      queryConfidence: array(reference.queryConfidence!),
      lossUnder: Object.fromEntries(
        Object.entries(reference.lossUnder ?? {}).map(([key, values]) => [key, array(values)]),
      ),
      measured: Object.fromEntries(
        Object.entries(reference.measured ?? {}).map(([key, values]) => [key, array(values)]),
      ),
    },
  };
}
