import type { InspectedModel, ModelSource, OpenPredictor } from '@engram/domain';
import type { Engine } from '@engram/engine';
import { mostLikelyClasses } from '../most-likely-classes.js';
import { openNetwork } from '../network/open-network.js';
import { readLayersModel } from './read-model.js';

/**
 * Opens a TensorFlow.js layers model for evaluation on the engine: dropout off, stored statistics, logits of classifiers
 * or, where labels are all it may tell, the class with the largest.
 *
 * @throws ENG_DATA_MODEL_MISMATCH from `outputs` when rows do not have the model's input shape.
 */
export async function openLayersPredictor(
  source: ModelSource,
  inspected: InspectedModel,
  engine: Engine,
): Promise<OpenPredictor> {
  const { network, weights } = await readLayersModel(source, inspected.task);
  const open = openNetwork(engine, network);
  open.load(weights);
  const { outputs, lastLayer } = open;
  const tellsLabels = inspected.output.meaning === 'labels';
  return {
    inspected,
    outputs: tellsLabels ? async (inputs) => mostLikelyClasses(await outputs(inputs)) : outputs,
    ...(lastLayer === undefined || tellsLabels ? {} : { lastLayer }),
    dispose: async () => open.dispose(),
  };
}
