import type { Engine } from '@engram/engine';
import { parameterCount } from '../network/forward.js';
import type { BankRequest, Labels } from './request.js';

/** How a bank is laid out in a graph. */
export interface BankLayout {
  /** Models that train side by side in one graph. */
  readonly modelsPerGraph: number;
  /** Stacked along a leading model axis; otherwise written out one after another. */
  readonly stacked: boolean;
  readonly stepsPerCall: number;
  /** Overrides the engine's choice for the step programs. */
  readonly mode?: 'recorded' | 'xla';
}

/** Values of all weights of a stack together: beyond this, a larger stack no longer gains. */
const stackedParameters = 6_400_000;
const largestStack = 64;
/** Floating-point operations from which XLA, a third faster, has earned the half second it compiles. */
const worthCompiling = 2e11;

/**
 * How a bank is laid out, by rule from measurements on CPUs (`bench/bank.mjs`). Dense networks train stacked along a model
 * axis: small matrices become large ones; under XLA when there is enough to do. A single dense network gains more from
 * several steps per call of the plain graph, since a step takes less than the call around it. Convolutions fill the machine
 * one model at a time.
 */
export function chooseLayout(
  engine: Engine,
  { network, models, recipe, steps }: Pick<BankRequest<Labels>, 'network' | 'models' | 'recipe' | 'steps'>,
): BankLayout {
  if (!network.stackable) return { modelsPerGraph: 1, stacked: false, stepsPerCall: 1 };
  // What was asked for of the engine stays; on a GPU its own rule holds.
  const isOurs = engine.info.mode === 'auto' && engine.info.device === 'cpu';
  if (models.length === 1)
    return { modelsPerGraph: 1, stacked: false, stepsPerCall: 8, ...(isOurs ? { mode: 'recorded' } : {}) };
  const parameters = parameterCount(network);
  const most = Math.max(2, Math.min(largestStack, Math.floor(stackedParameters / parameters)));
  // Groups of equal size, so that no place of the graph trains in vain.
  const groups = Math.ceil(models.length / most);
  const samples = models.reduce((sum, { trainedOn }) => sum + trainedOn.reduce((count, each) => count + each, 0), 0);
  const sampleSteps = steps === undefined ? samples * recipe.epochs : steps * recipe.batchSize * models.length;
  const operations = 6 * parameters * sampleSteps;
  return {
    modelsPerGraph: Math.ceil(models.length / groups),
    stacked: true,
    stepsPerCall: 1,
    ...(isOurs && operations < worthCompiling ? { mode: 'recorded' } : {}),
  };
}
