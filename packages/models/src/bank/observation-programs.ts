import type { Program } from '@engram/engine';
import { forward, perSampleGradients } from '../network/forward.js';
import type { BankGraph } from './bank-graph.js';
import { recordedLosses, truthOf } from './sample-losses.js';

/** Outputs (models, count, classes or 1) of the evaluated samples at given indices, evaluation mode. */
export const evaluationProgram = (graph: BankGraph, count: number): Program => ({
  inputs: { indices: { shape: [count], dtype: 'int32' } },
  run(context) {
    const { tf, data, inputs, state } = context;
    const { network } = graph.request;
    const { modelsPerGraph } = graph.layout;
    const x = graph.rows(context, data.evaluated!, inputs.indices!, [count]);
    const outputs = graph.prefixes.map((prefix) => {
      const shared = graph.forUnit(context, x);
      return forward(network, { tf, lead: [...graph.stack, count] }, graph.unitOf(state, prefix).state, shared);
    });
    return { outputs: { outputs: tf.reshape(tf.stack(outputs), [modelsPerGraph, count, network.outputCount]) } };
  },
});

/**
 * Outputs of training samples at given indices and squared norms (models, count) of the gradients of their
 * `recordedLosses`, evaluation mode.
 * Input `labels` (models, count): the classes or targets each model is taught.
 */
export const recordingProgram = (graph: BankGraph, count: number): Program => ({
  inputs: {
    indices: { shape: [count], dtype: 'int32' },
    labels: {
      shape: [graph.layout.modelsPerGraph, count],
      dtype: graph.request.network.task === 'regression' ? 'float32' : 'int32',
    },
  },
  run(context) {
    const { tf, data, inputs, state } = context;
    const { network } = graph.request;
    const { modelsPerGraph, stacked } = graph.layout;
    const x = graph.rows(context, data.inputs!, inputs.indices!, [count]);
    const found = graph.prefixes.map((prefix, model) => {
      const shared = graph.forUnit(context, x);
      const labels = stacked ? inputs.labels! : tf.slice(inputs.labels!, [model, 0], [1, count]);
      const lead = [...graph.stack, count];
      const truth = truthOf(tf, network, labels, lead);
      return perSampleGradients(
        network,
        { tf, lead: [...graph.stack, count] },
        graph.unitOf(state, prefix).state,
        shared,
        (outputs) => recordedLosses(tf, network.task, outputs, truth),
      );
    });
    return {
      outputs: {
        outputs: tf.reshape(tf.stack(found.map((each) => each.outputs)), [modelsPerGraph, count, network.outputCount]),
        squaredNorms: tf.reshape(tf.stack(found.map((each) => each.squaredNorms)), [modelsPerGraph, count]),
      },
    };
  },
});
