import { type LinearDesign, linearStatistics, populationMinimiser, type TargetMeasure } from '@engram/attacks';
import { EngramError, type NdArray, type TaskSpec } from '@engram/domain';
import type { LayersModel } from '@engram/models';
import { openAuditRows, openRole, truthOf, truthOfRows } from '../audit-rows.js';
import type { TaskContext } from '../context.js';
import { openWeightedTarget, shapedInputs } from '../open-target.js';
import type { Measurement } from './measurement.js';

/**
 * What a linear regression shows of every row: e, r and u, against the weights that predict best in the population, which
 * are fitted here.
 *
 * @throws ENG_INTERNAL planning asked it of another model, or without a population.
 */
export async function measureLinearStatistics(
  _measure: TargetMeasure,
  _task: TaskSpec,
  context: TaskContext,
): Promise<Measurement> {
  const rows = await openAuditRows(context);
  const population = await openRole(context, 'population');
  const target = await openWeightedTarget(rows, context);
  const unit = target.descriptor.inspected.linearUnit;
  if (unit === undefined || population === undefined)
    throw new EngramError('ENG_INTERNAL', 'the statistics of a linear regression need one, and a population');
  const design = (inputs: NdArray, targets: ArrayLike<number>): LinearDesign => ({
    features: unit.bias ? withOnes(inputs) : inputs,
    targets,
  });
  const minimiser = populationMinimiser(
    design(await shapedInputs(population, target.descriptor), await truthOf(population, 'regression')),
  );
  context.signal.throwIfAborted();
  context.progress(0.5, 'the population minimiser');
  const judged = design(target.inputs, await truthOfRows(rows, 'regression'));
  const values = linearStatistics(judged, weightsOf(target), minimiser);
  return { values, meta: { weights: minimiser.length, population: population.inspected.count } };
}

/** Kernel, then bias, in one row. */
function weightsOf({ network, weights }: LayersModel): Float64Array {
  return Float64Array.from(network.weights.flatMap(({ savedName }) => [...weights[savedName].data]));
}

/** (n, p) with a column of ones behind: (n, p + 1), float64. */
function withOnes({ data, shape }: NdArray): NdArray<Float64Array> {
  const [n, p] = shape;
  const widened = new Float64Array(n * (p + 1)).fill(1);
  for (let i = 0; i < n; i += 1) for (let k = 0; k < p; k += 1) widened[i * (p + 1) + k] = data[i * p + k];
  return { data: widened, shape: [n, p + 1] };
}
