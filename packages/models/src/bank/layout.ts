import type { Engine } from '@engram/engine';
import { parameterCount } from '../network/forward.js';
import type { BankLayout } from './bank-session.js';
import type { BankRequest } from './request.js';

/** Values of all weights of a stack together: beyond this, a larger stack no longer gains. */
const stackedParameters = 6_400_000;
const largestStack = 64;

/**
 * How a bank is laid out, by rule from measurements (`bench/bank.mjs`). Dense networks train stacked along a model axis,
 * under XLA: small matrices become large ones. A single dense network gains more from several steps per call of the plain
 * graph, since a step takes less than the call around it. Convolutions fill the machine one model at a time.
 */
export function chooseLayout(engine: Engine, { network, models }: Pick<BankRequest, 'network' | 'models'>): BankLayout {
  if (!network.stackable) return { modelsPerGraph: 1, stacked: false, stepsPerCall: 1 };
  if (models.length === 1)
    return {
      modelsPerGraph: 1,
      stacked: false,
      stepsPerCall: 8,
      ...(engine.info.mode === 'auto' && engine.info.device === 'cpu' ? { mode: 'recorded' } : {}),
    };
  const most = Math.max(2, Math.min(largestStack, Math.floor(stackedParameters / parameterCount(network))));
  // Groups of equal size, so that no place of the graph trains in vain.
  const groups = Math.ceil(models.length / most);
  return { modelsPerGraph: Math.ceil(models.length / groups), stacked: true, stepsPerCall: 1 };
}
