import { EngramError } from '@engram/domain';
import { z } from 'zod';
import { assemble, type SavedLayer, type Step, savedLayer } from './assemble.js';
import { unsupportedLayer } from './layer.js';
import type { Network, NetworkTask } from './network.js';

const reference = z.tuple([z.string(), z.number(), z.number()], z.unknown());
const savedModel = z.looseObject({
  class_name: z.enum(['Sequential', 'Model', 'Functional']),
  config: z.union([
    z.array(savedLayer),
    z.looseObject({
      layers: z.array(savedLayer),
      input_layers: z.array(z.unknown()).optional(),
      output_layers: z.array(z.unknown()).optional(),
    }),
  ]),
});

/** Layer classes that carry code of the uploader's. */
const unsafeClasses = new Set(['Lambda', 'TFOpLambda', 'SlicingOpLambda', 'PyFunc']);

/** Layers are put in order by repeated search; a bound keeps a hostile file from taking hours. */
const mostLayers = 5000;

/**
 * Builds the network a saved TensorFlow.js or Keras layers model describes. Only data is read: nothing of the upload
 * is executed.
 *
 * @param topology the `modelTopology` of a model.json.
 * @param task what the model is for: it says how its last layer is read.
 * @throws ENG_MODEL_UNSAFE a layer that carries code. ENG_MODEL_UNSUPPORTED a layer, setting or structure that is not
 * computed here; both name the layer and the remedy. ENG_FILE_UNREADABLE not a layers model at all.
 */
export function parseTopology(topology: unknown, task: NetworkTask): Network {
  const unwrapped = (topology as { model_config?: unknown } | null)?.model_config ?? topology;
  const parsed = savedModel.safeParse(unwrapped);
  if (!parsed.success) {
    const className = (unwrapped as { class_name?: unknown } | null)?.class_name;
    throw new EngramError(
      typeof className === 'string' ? 'ENG_MODEL_UNSUPPORTED' : 'ENG_FILE_UNREADABLE',
      typeof className === 'string'
        ? `the model is of class ${className}; Sequential and functional models of standard layers are supported`
        : `the model topology is not that of a layers model (${parsed.error.issues[0]?.path.join('.')}: ${parsed.error.issues[0]?.message})`,
      {
        remedy:
          'Save the model with model.save() of TensorFlow.js, or convert it with tensorflowjs_converter to tfjs_layers_model.',
      },
    );
  }
  const { class_name: kind, config } = parsed.data;
  const layers = Array.isArray(config) ? config : config.layers;
  if (layers.length > mostLayers)
    throw new EngramError(
      'ENG_MODEL_UNSUPPORTED',
      `the model has ${layers.length} layers, at most ${mostLayers} are read`,
      {
        remedy: 'Export the model to ONNX and upload that.',
      },
    );
  for (const layer of layers) refuseUnsafe(layer);
  const { steps, inputShape, output } =
    kind === 'Sequential'
      ? sequentialSteps(layers)
      : functionalSteps(layers, config as { input_layers?: unknown[]; output_layers?: unknown[] });
  return assemble(steps, inputShape, output, task);
}

function refuseUnsafe(saved: SavedLayer): void {
  const name = saved.config.name ?? saved.name ?? '?';
  if (!unsafeClasses.has(saved.class_name)) return;
  throw new EngramError(
    'ENG_MODEL_UNSAFE',
    `layer "${name}" (${saved.class_name}) carries code; code in uploads is never executed`,
    {
      remedy: 'Replace the layer by standard ones, or export the model to ONNX and upload that.',
      details: { layer: name, className: saved.class_name },
    },
  );
}

function sequentialSteps(layers: readonly SavedLayer[]) {
  let inputShape: readonly number[] | undefined;
  const steps: Step[] = [];
  for (const saved of layers) {
    const name = nameOf(saved);
    inputShape ??= batchInputShape(saved, name);
    if (saved.class_name === 'InputLayer') continue;
    const before = steps.at(-1);
    steps.push({ saved, name, reads: before === undefined ? [] : [before.name] });
  }
  if (steps.length === 0)
    throw new EngramError('ENG_MODEL_UNSUPPORTED', 'the model has no layers', {
      remedy: 'Upload a model with at least one layer.',
    });
  if (inputShape === undefined)
    throw new EngramError('ENG_MODEL_UNSUPPORTED', `the first layer "${steps[0]!.name}" states no input shape`, {
      remedy: 'Build the model with an inputShape before saving it.',
    });
  return { steps, inputShape, output: steps.at(-1)!.name };
}

function functionalSteps(
  layers: readonly SavedLayer[],
  config: { input_layers?: unknown[]; output_layers?: unknown[] },
) {
  const inputs = layers.filter((layer) => layer.class_name === 'InputLayer');
  const outputs = references(config.output_layers ?? []);
  if (inputs.length !== 1 || outputs.length !== 1)
    throw new EngramError(
      'ENG_MODEL_UNSUPPORTED',
      `the model has ${inputs.length} inputs and ${outputs.length} outputs, one of each is supported`,
      {
        remedy: 'Export the model with one input and one output, or to ONNX.',
      },
    );
  const inputName = nameOf(inputs[0]!);
  const pending = layers
    .filter((layer) => layer.class_name !== 'InputLayer')
    .map((saved): Step => {
      const name = nameOf(saved);
      if (saved.inbound_nodes.length !== 1)
        throw unsupportedLayer(
          saved.class_name,
          name,
          `it is used ${saved.inbound_nodes.length} times; layers used exactly once are supported`,
        );
      return { saved, name, reads: references(nodeInputs(saved.inbound_nodes[0])) };
    });
  const steps: Step[] = [];
  const done = new Set([inputName]);
  while (pending.length > 0) {
    const next = pending.findIndex((step) => step.reads.every((name) => done.has(name)));
    if (next < 0)
      throw unsupportedLayer(
        pending[0]!.saved.class_name,
        pending[0]!.name,
        `it reads a layer that does not exist or depends on itself (${pending[0]!.reads})`,
      );
    const [step] = pending.splice(next, 1);
    done.add(step!.name);
    steps.push({ ...step!, reads: step!.reads.map((name) => (name === inputName ? '' : name)) });
  }
  return { steps, inputShape: batchInputShape(inputs[0]!, inputName)!, output: outputs[0]! };
}

/** Inputs of an inbound node, as TensorFlow.js and Keras 2 write them, or as Keras 3 does ({ args }). */
function nodeInputs(node: unknown): unknown[] {
  if (Array.isArray(node)) return node;
  const tensors: unknown[] = [];
  // Lists nest a few levels at most; what goes deeper is no reference to a layer.
  const collect = (value: unknown, depth: number): void => {
    if (Array.isArray(value) && depth < 8) for (const each of value) collect(each, depth + 1);
    const history = (value as { config?: { keras_history?: unknown } } | null)?.config?.keras_history;
    if (history !== undefined) tensors.push(history);
  };
  collect((node as { args?: unknown } | null)?.args, 0);
  return tensors;
}

function references(list: readonly unknown[]): string[] {
  // One reference may stand without its enclosing list.
  const all = typeof list[0] === 'string' ? [list] : list;
  return all.map((each) => {
    const parsed = reference.safeParse(each);
    if (!parsed.success)
      throw new EngramError('ENG_MODEL_UNSUPPORTED', 'the model connects its layers in a form that is not read here', {
        remedy: 'Convert the model with tensorflowjs_converter to tfjs_layers_model, or export it to ONNX.',
      });
    return parsed.data[0];
  });
}

function batchInputShape(saved: SavedLayer, name: string): readonly number[] | undefined {
  const { batch_input_shape: keras2, batch_shape: keras3, input_dim: width } = saved.config as Record<string, unknown>;
  const shape =
    keras2 ?? keras3 ?? (typeof width === 'number' && saved.class_name === 'Dense' ? [null, width] : undefined);
  if (!Array.isArray(shape)) return undefined;
  const sizes = shape.slice(1);
  if (!sizes.every((size) => Number.isInteger(size) && size > 0))
    throw unsupportedLayer(
      saved.class_name,
      name,
      `its input shape [${shape.map(String)}] leaves more than the batch axis open`,
      'Save the model with a fixed input shape.',
    );
  return sizes as number[];
}

function nameOf(saved: SavedLayer): string {
  return saved.config.name ?? saved.name ?? saved.class_name;
}
