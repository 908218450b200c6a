import { deriveSeed } from '@engram/numeric';
import { initialise } from '../network/initializers.js';
import type { Network } from '../network/network.js';
import type { ModelWeights } from './request.js';

/** Weights drawn by the layers' own initializers; each weight has a stream of its own. */
export function initialWeights(network: Network, seed: number): ModelWeights {
  return Object.fromEntries(
    network.weights.map((weight, index) => [
      weight.savedName,
      initialise(weight.initializer, weight.shape, deriveSeed(seed, 'initial weights', index)),
    ]),
  );
}
