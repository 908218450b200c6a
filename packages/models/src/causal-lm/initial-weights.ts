import { createRandom, deriveSeed } from '@engram/numeric';
import { sizeOf } from '../network/initializers.js';
import type { LlamaConfig } from './config.js';
import { type LlamaWeights, llamaWeightShapes } from './weights.js';

const deviation = 0.02;

/**
 * Weights before training, as GPT-2 draws them: normal with deviation 0.02; the two matrices of each layer that write to
 * the residual stream with 0.02 / √(2 layers); normalisation scales 1. Each tensor has a stream of its own.
 */
export function initialLlamaWeights(config: LlamaConfig, seed: number): LlamaWeights {
  return Object.fromEntries(
    [...llamaWeightShapes(config)].map(([name, shape], index) => {
      const random = createRandom(deriveSeed(seed, 'initial weights', index));
      const isResidual = /(o_proj|down_proj)\.weight$/.test(name);
      const scale = isResidual ? deviation / Math.sqrt(2 * config.layers) : deviation;
      const draw = shape.length === 1 ? () => 1 : () => scale * random.normal();
      return [name, { data: Float32Array.from({ length: sizeOf(shape) }, draw), shape }];
    }),
  );
}
