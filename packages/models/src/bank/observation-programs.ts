import type { Program } from '@engram/engine';
import { forward, perSampleGradients } from '../network/forward.js';
import { sizeOf } from '../network/initializers.js';
import type { BankGraph } from './bank-graph.js';
import { crossEntropy } from './unit.js';

/** Logits (models, count, classes) of the evaluated samples at given indices, evaluation mode. */
export const evaluationProgram = (graph: BankGraph, count: number): Program => ({
  inputs: { indices: { shape: [count], dtype: 'int32' } },
  run(context) {
    const { tf, data, inputs, state } = context;
    const { network } = graph.request;
    const { modelsPerGraph } = graph.layout;
    const x = graph.rows(context, data.evaluated!, inputs.indices!, [count]);
    const logits = graph.prefixes.map((prefix) => {
      const shared = graph.forUnit(context, x);
      return forward(network, { tf, lead: [...graph.stack, count] }, graph.unitOf(state, prefix).state, shared);
    });
    return { outputs: { logits: tf.reshape(tf.stack(logits), [modelsPerGraph, count, network.classCount]) } };
  },
});

/**
 * Logits and squared per-sample gradient norms (models, count) of training samples at given indices, evaluation mode.
 * Input `labels` (models, count): the classes each model is taught.
 */
export const recordingProgram = (graph: BankGraph, count: number): Program => ({
  inputs: {
    indices: { shape: [count], dtype: 'int32' },
    labels: { shape: [graph.layout.modelsPerGraph, count], dtype: 'int32' },
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
      const oneHot = tf.reshape(tf.cast(tf.oneHot(tf.reshape(labels, [sizeOf(lead)]), network.classCount), 'float32'), [
        ...lead,
        network.classCount,
      ]);
      return perSampleGradients(
        network,
        { tf, lead: [...graph.stack, count] },
        graph.unitOf(state, prefix).state,
        shared,
        (logits) => crossEntropy(tf, logits, oneHot),
      );
    });
    return {
      outputs: {
        logits: tf.reshape(tf.stack(found.map((each) => each.logits)), [modelsPerGraph, count, network.classCount]),
        squaredNorms: tf.reshape(tf.stack(found.map((each) => each.squaredNorms)), [modelsPerGraph, count]),
      },
    };
  },
});
