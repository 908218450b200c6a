import type { LossesUnder, ReferenceSignals } from '@engram/attacks';
import type { Bundle, NdArray, TypedArray } from '@engram/domain';
import { readBundle, type TaskContext } from './context.js';

/** What is known of the reference models of an audit, model after model in order of their numbers. */
export interface JoinedReferences {
  readonly signals: ReferenceSignals;
  /** (models, nZ); null without a population. */
  readonly populationLoss: Float64Array | null;
  /** (models, nZ) under other probabilities of the truth, by their keys. */
  readonly populationLossUnder: Readonly<Record<string, Float64Array>>;
  /** Whether they were given, as models or as recorded outputs, rather than trained here. */
  readonly areGiven: boolean;
}

/** One group of reference models: arrays by name, each with models first. */
type Group = Readonly<Record<string, NdArray>>;

/**
 * Reference models from the tasks that trained or asked them, else those whose outputs were recorded with the data.
 *
 * @param collected what `collect-signals` left.
 * @param withProbabilities whether their largest probabilities are wanted too: by far the largest of their signals.
 */
export async function readReferences(
  context: TaskContext,
  collected: Bundle,
  withProbabilities: boolean,
): Promise<JoinedReferences | null> {
  return (
    (await readGroups(context, 'reference.', withProbabilities)) ?? recordedReferences(collected, withProbabilities)
  );
}

/**
 * Models retrained on the members, which are no references, asked as references are; null for none.
 *
 * @param withProbabilities as `readReferences`.
 */
export function readRetrained(context: TaskContext, withProbabilities: boolean): Promise<JoinedReferences | null> {
  return readGroups(context, 'retrained.', withProbabilities);
}

async function readGroups(
  context: TaskContext,
  prefix: string,
  withProbabilities: boolean,
): Promise<JoinedReferences | null> {
  const names = Object.keys(context.inputs)
    .filter((name) => name.startsWith(prefix))
    .sort();
  if (names.length === 0) return null;
  const groups: Group[] = [];
  let areGiven = false;
  for (const name of names) {
    const { arrays, meta } = await readBundle(context, name);
    const { topProbabilities, ...rest } = arrays;
    groups.push(withProbabilities && topProbabilities !== undefined ? arrays : rest);
    areGiven ||= meta.given === true;
  }
  const populationLoss = joined<Float64Array>(groups, 'population.loss');
  return {
    signals: signalsOf(groups),
    populationLoss: populationLoss?.data ?? null,
    populationLossUnder: valuesUnder(groups, 'population.lossUnder.'),
    areGiven,
  };
}

function recordedReferences({ arrays }: Bundle, withProbabilities: boolean): JoinedReferences | null {
  const prefix = 'reference.';
  const recorded = Object.entries(arrays)
    .filter(([name]) => name.startsWith(prefix))
    .map(([name, array]) => [name.slice(prefix.length), array] as const)
    .filter(([name]) => withProbabilities || name !== 'topProbabilities');
  if (recorded.length === 0) return null;
  const population = arrays['population.referenceLoss']?.data as Float64Array | undefined;
  return {
    signals: signalsOf([Object.fromEntries(recorded)]),
    populationLoss: population ?? null,
    populationLossUnder: valuesUnder([arrays], 'population.reference.lossUnder.'),
    areGiven: true,
  };
}

function signalsOf(groups: readonly Group[]): ReferenceSignals {
  const trainedOn = joined<Uint8Array>(groups, 'trainedOn')!;
  const scaledConfidence = joined<Float64Array>(groups, 'scaledConfidence');
  const correct = joined<Uint8Array>(groups, 'correct');
  const entropy = joined<Float32Array>(groups, 'entropy');
  const modifiedEntropy = joined<Float64Array>(groups, 'modifiedEntropy');
  const margin = joined<Float64Array>(groups, 'margin');
  const topProbabilities = joined<Float32Array>(groups, 'topProbabilities');
  const queryConfidence = joined<Float32Array>(groups, 'queryConfidence');
  const lossUnder = joinedUnder(groups, 'lossUnder.');
  return {
    models: trainedOn.shape[0],
    trainedOn: trainedOn.data,
    loss: joined<Float64Array>(groups, 'loss')!.data,
    ...(scaledConfidence === undefined ? {} : { scaledConfidence: scaledConfidence.data }),
    ...(correct === undefined ? {} : { correct: correct.data }),
    ...(entropy === undefined ? {} : { entropy: entropy.data }),
    ...(modifiedEntropy === undefined ? {} : { modifiedEntropy: modifiedEntropy.data }),
    ...(margin === undefined ? {} : { margin: margin.data }),
    ...(topProbabilities === undefined ? {} : { topProbabilities }),
    ...(queryConfidence === undefined ? {} : { queryConfidence }),
    ...(Object.keys(lossUnder).length === 0 ? {} : { lossUnder }),
  };
}

/** Losses under other probabilities of the truth, by their keys, which the names carry after a prefix. */
function joinedUnder(groups: readonly Group[], prefix: string): LossesUnder {
  const names = Object.keys(groups[0]).filter((name) => name.startsWith(prefix));
  return Object.fromEntries(
    names.flatMap((name) => {
      const losses = joined<Float64Array>(groups, name);
      return losses === undefined ? [] : [[name.slice(prefix.length), losses]];
    }),
  );
}

function valuesUnder(groups: readonly Group[], prefix: string): Record<string, Float64Array> {
  return Object.fromEntries(Object.entries(joinedUnder(groups, prefix)).map(([key, { data }]) => [key, data]));
}

/** One array of all groups, models of one group after those of another; undefined where some group lacks it. */
function joined<T extends TypedArray>(groups: readonly Group[], name: string): NdArray<T> | undefined {
  const arrays = groups.map((group) => group[name]);
  const [first] = arrays;
  if (first === undefined || arrays.some((array) => array === undefined)) return undefined;
  if (arrays.length === 1) return first as NdArray<T>;
  const length = arrays.reduce((sum, { data }) => sum + data.length, 0);
  const data = new (first.data.constructor as new (length: number) => T)(length);
  let models = 0;
  let at = 0;
  for (const array of arrays) {
    data.set(array.data, at);
    at += array.data.length;
    models += array.shape[0];
  }
  return { data, shape: [models, ...first.shape.slice(1)] };
}
