import type { Program, Random } from '@engram/engine';
import type { Tensor } from '../tensors.js';
import type { BankGraph } from './bank-graph.js';
import { formImages } from './form-images.js';
import { truthOf } from './sample-losses.js';
import { stepUnit } from './unit.js';

/**
 * Optimizer steps of all models of the graph. Inputs as `StepFeeds` names them; outputs `losses` (steps, models).
 *
 * @param steps steps of one call, written out one after another.
 */
export function stepProgram(graph: BankGraph, steps: number): Program {
  const { request, layout, stack, prefixes } = graph;
  const { network, recipe } = request;
  const { modelsPerGraph, stacked } = layout;
  const hasDropout = network.nodes.some((node) => node.layer.random === true);
  const hasNoise = request.models.some((model) => model.noise !== undefined);
  const hasForms = recipe.augmentation.length > 0;
  const batch = recipe.batchSize;
  const perStep = [steps, modelsPerGraph];
  return {
    ...(layout.mode === undefined ? {} : { mode: layout.mode }),
    inputs: {
      indices: { shape: [...perStep, batch], dtype: 'int32' },
      labels: { shape: [...perStep, batch], dtype: network.task === 'regression' ? 'float32' : 'int32' },
      ...(hasForms ? { forms: { shape: [...perStep, batch], dtype: 'int32' } as const } : {}),
      counts: { shape: perStep, dtype: 'int32' },
      learningRates: { shape: perStep, dtype: 'float32' },
      ...(hasDropout ? { dropoutSeeds: { shape: [...perStep, 2], dtype: 'int32' } as const } : {}),
      ...(hasNoise
        ? ({
            noiseSeeds: { shape: [...perStep, 2], dtype: 'int32' },
            noiseStd: { shape: [modelsPerGraph], dtype: 'float32' },
            clip: { shape: [modelsPerGraph], dtype: 'float32' },
          } as const)
        : {}),
    },
    run(context) {
      const { tf, data, inputs, random } = context;
      const state: Record<string, Tensor> = { ...context.state };
      const losses: Tensor[] = [];
      // One entry of a (steps, models, …) input: of all models when stacked, else of one.
      const at = (name: string, step: number, model: number) => {
        const [, , ...rest] = inputs[name]!.shape;
        const size = stacked ? modelsPerGraph : 1;
        const part = tf.slice(inputs[name]!, [step, model, ...rest.map(() => 0)], [1, size, ...rest]);
        return tf.reshape(part, [...stack, ...rest]);
      };
      const ofModel = (name: string, model: number) =>
        stacked ? inputs[name]! : tf.reshape(tf.slice(inputs[name]!, [model], [1]), []);
      const streams = (name: string, step: number, model: number): Random[] =>
        (stacked ? Array.from({ length: modelsPerGraph }, (_, index) => index) : [model]).map((index) =>
          random.from(tf.reshape(tf.slice(inputs[name]!, [step, index, 0], [1, 1, 2]), [2])),
        );
      const positions = tf.range(0, batch, 1, 'int32');
      for (let step = 0; step < steps; step++) {
        prefixes.forEach((prefix, model) => {
          const lead = [...stack, batch];
          const samples = graph.rows(context, data.inputs!, at('indices', step, model), lead);
          const { state: next, loss } = stepUnit(
            {
              tf,
              network,
              recipe,
              x: hasForms ? formImages(context, samples, at('forms', step, model)) : samples,
              truth: truthOf(tf, network, at('labels', step, model), lead),
              sampleWeights: tf.cast(
                tf.less(positions, tf.reshape(at('counts', step, model), [...stack, 1])),
                'float32',
              ),
              learningRate: at('learningRates', step, model),
              ...(hasDropout ? { dropout: streams('dropoutSeeds', step, model) } : {}),
              ...(hasNoise
                ? {
                    noise: {
                      streams: streams('noiseSeeds', step, model),
                      std: ofModel('noiseStd', model),
                      clip: ofModel('clip', model),
                    },
                  }
                : {}),
            },
            graph.unitOf(state, prefix),
          );
          for (const [key, value] of Object.entries(next)) state[prefix + key] = value;
          losses.push(loss);
        });
      }
      return { state, outputs: { losses: tf.reshape(tf.stack(losses), [steps, modelsPerGraph]) } };
    },
  };
}
