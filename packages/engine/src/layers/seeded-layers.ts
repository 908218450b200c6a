import type { LayersModel, layers, Tensor } from '@tensorflow/tfjs';
import type { Random } from '../random/random.js';
import { notRecordable } from '../recording/not-recordable.js';
import type { TensorFlow } from '../tensorflow/backend.js';

type Layer = layers.Layer;
type Call = (inputs: Tensor | Tensor[], kwargs: { training?: boolean }) => Tensor | Tensor[];

/** What a layer may hold beside what is public: parts of it, and what randomness is made of. */
interface LayerParts {
  layers?: Layer[];
  layer?: Layer;
  forwardLayer?: Layer;
  backwardLayer?: Layer;
  cell?: Layer;
  cells?: Layer[];
  rate?: number;
  stddev?: number;
  noiseShape?: (number | null)[];
  stateful?: boolean;
  call: Call;
  dropoutFunc?: ((x: Tensor, rate: number) => Tensor) | undefined;
  dropoutMask?: Tensor | Tensor[] | null;
  recurrentDropoutMask?: Tensor | Tensor[] | null;
}

/**
 * Runs `work` with every random layer of the model (dropout of all kinds, Gaussian noise, dropout inside recurrent
 * cells) drawing from `random` instead of from JavaScript, so that it can be recorded and is the same in every mode.
 *
 * @throws ENG_PROGRAM_NOT_RECORDABLE the model holds a layer that keeps or draws values outside the graph.
 */
export function withSeededLayers<T>(tf: TensorFlow, model: LayersModel, random: Random, work: () => T): T {
  const restore: (() => void)[] = [];
  try {
    for (const layer of allLayers(model)) restore.push(seed(tf, layer, random));
    return work();
  } finally {
    for (const undo of restore) undo();
  }
}

/** Every layer of a model: those of nested models, inside wrappers, and the cells of recurrent ones. */
export function allLayers(model: LayersModel): Layer[] {
  const found = new Set<Layer>();
  const visit = (layer: Layer | undefined): void => {
    if (layer === undefined || found.has(layer)) return;
    found.add(layer);
    const parts = layer as unknown as LayerParts;
    for (const part of [...(parts.layers ?? []), ...(parts.cells ?? [])]) visit(part);
    for (const part of [parts.layer, parts.forwardLayer, parts.backwardLayer, parts.cell]) visit(part);
  };
  for (const layer of model.layers) visit(layer);
  return [...found];
}

function seed(tf: TensorFlow, layer: Layer, random: Random): () => void {
  const parts = layer as unknown as LayerParts;
  const kind = layer.getClassName();
  if (kind === 'RandomHeight' || kind === 'RandomWidth' || kind === 'CategoryEncoding') {
    throw notRecordable(
      `the layer ${layer.name} (${kind}) reads values in JavaScript`,
      'Apply it to the data beforehand.',
    );
  }
  if (parts.stateful === true && parts.cell !== undefined) {
    throw notRecordable(
      `the layer ${layer.name} (${kind}) is stateful: it keeps values between calls outside the graph`,
      'Build the model with `stateful: false`.',
    );
  }
  const noisy = noisyCall(tf, kind, parts, random);
  if (noisy !== undefined) {
    const own = Object.getOwnPropertyDescriptor(parts, 'call');
    parts.call = (inputs, kwargs) => {
      const input = Array.isArray(inputs) ? inputs[0]! : inputs;
      return kwargs?.training === true ? noisy(input) : input;
    };
    return () => {
      if (own === undefined) delete (parts as { call?: Call }).call;
      else Object.defineProperty(parts, 'call', own);
    };
  }
  if ('dropoutFunc' in parts && 'recurrentDropoutMask' in parts) return seedCell(tf, parts, random);
  return () => undefined;
}

/** What the layer does in training, by tf.layers' own formulas; undefined for layers without randomness. */
function noisyCall(
  tf: TensorFlow,
  kind: string,
  { rate = 0, stddev = 0, noiseShape }: LayerParts,
  random: Random,
): ((x: Tensor) => Tensor) | undefined {
  const isActive = rate > 0 && rate < 1;
  switch (kind) {
    case 'Dropout':
      return (x) =>
        isActive
          ? random.dropout(
              x,
              rate,
              noiseShape?.map((size, axis) => size ?? x.shape[axis]!),
            )
          : x;
    case 'SpatialDropout1D':
      return (x) => (isActive ? random.dropout(x, rate, [x.shape[0]!, 1, x.shape[2]!]) : x);
    case 'GaussianNoise':
      return (x) => tf.add(x, random.normal(x.shape, 0, stddev));
    case 'GaussianDropout':
      return (x) => (isActive ? tf.mul(x, random.normal(x.shape, 1, Math.sqrt(rate / (1 - rate)))) : x);
    case 'AlphaDropout':
      return (x) => (isActive ? alphaDropout(tf, x, rate, random, noiseShape) : x);
    default:
      return undefined;
  }
}

/** Klambauer et al. 2017, "Self-Normalizing Neural Networks": dropped units take the negative saturation value. */
function alphaDropout(
  tf: TensorFlow,
  x: Tensor,
  rate: number,
  random: Random,
  noiseShape: LayerParts['noiseShape'],
): Tensor {
  const saturation = -1.6732632423543772 * 1.0507009873554805;
  const shape = (noiseShape as number[] | undefined) ?? x.shape;
  const kept = tf.cast(tf.greaterEqual(random.uniform(shape), rate), 'float32');
  const scale = ((1 - rate) * (1 + rate * saturation ** 2)) ** -0.5;
  const shift = -scale * saturation * rate;
  return tf.add(tf.mul(tf.add(tf.mul(x, kept), tf.mul(tf.sub(1, kept), saturation)), scale), shift);
}

/** Recurrent cells keep their masks from call to call; masks of another run or of a recording must not live on. */
function seedCell(tf: TensorFlow, cell: LayerParts, random: Random): () => void {
  const { dropoutFunc } = cell;
  const forgetMasks = () => {
    for (const key of ['dropoutMask', 'recurrentDropoutMask'] as const) {
      const masks = cell[key];
      if (masks !== null && masks !== undefined) tf.dispose(masks);
      cell[key] = null;
    }
  };
  forgetMasks();
  cell.dropoutFunc = (x, rate) => random.dropout(x, rate);
  return () => {
    forgetMasks();
    cell.dropoutFunc = dropoutFunc;
  };
}
