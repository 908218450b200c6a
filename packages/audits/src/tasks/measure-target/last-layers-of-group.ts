import { lastLayerNorms, type NormOrder } from '@engram/attacks';
import { EngramError, type NdArray } from '@engram/domain';
import { lastDenseLayer, openNetwork } from '@engram/models';
import { openAuditRows } from '../audit-rows.js';
import { readBundle, type TaskContext } from '../context.js';
import { inputsOf, openArchitecture } from '../open-target.js';
import { weightsOf } from '../train-reference.js';
import { lastLayerOf } from './last-layer-target.js';

/**
 * Norms of the loss's gradient by the last layer's weights, of every model of a group trained here.
 *
 * @returns (models, n).
 * @throws ENG_INTERNAL planning asked it of models that do not end in a dense layer.
 */
export async function lastLayerNormsOfGroup(order: NormOrder, context: TaskContext): Promise<NdArray<Float64Array>> {
  const rows = await openAuditRows(context);
  const { arrays } = await readBundle(context, 'weights');
  const { network, inspected } = await openArchitecture(context);
  const layer = lastDenseLayer(network);
  const open = openNetwork(await context.engine(), network);
  try {
    if (layer === undefined || open.lastLayer === undefined)
      throw new EngramError('ENG_INTERNAL', 'the last layer of models was asked for that cannot tell what it reads');
    const inputs = await inputsOf(rows, inspected);
    const meaning = network.task === 'regression' ? 'prediction' : 'logits';
    const [models] = arrays.trainedOn.shape;
    const data = new Float64Array(models * rows.count);
    for (let model = 0; model < models; model += 1) {
      context.signal.throwIfAborted();
      open.load(weightsOf(arrays, model));
      const read = await lastLayerOf(layer, await open.lastLayer(inputs), meaning, rows);
      data.set(lastLayerNorms(read, order), model * rows.count);
      context.progress((model + 1) / models, `${model + 1} of ${models} models`);
    }
    return { data, shape: [models, rows.count] };
  } finally {
    open.dispose();
  }
}
