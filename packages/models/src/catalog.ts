import type { InspectedModel, ModelKind, ModelSource } from '@engram/domain';
import { inspectCausalLm } from './causal-lm/inspect.js';
import { checkAugmentation } from './check-augmentation.js';
import type { ModelManifest } from './manifest.js';
import { inspectOnnx } from './onnx/inspect.js';
import { inspectLayersModel } from './tfjs-layers/inspect.js';

type Inspect = (manifest: ModelManifest, source: ModelSource) => Promise<InspectedModel>;

/** How each kind of model is inspected. A new adapter is a folder and a line here. */
const inspections: Readonly<Record<ModelKind, Inspect>> = {
  'tfjs-layers': inspectLayersModel,
  onnx: inspectOnnx,
  'causal-lm': inspectCausalLm,
};

/**
 * What an uploaded model holds, checked before it is accepted: structure, sizes, finite weights, no code. Loads no tensor
 * library for tfjs-layers and causal-lm; ONNX Runtime, on one thread, for onnx.
 *
 * @throws ENG_MANIFEST_INVALID the manifest contradicts the files, or its recipe augments what are no images.
 * ENG_FILE_UNREADABLE, ENG_FILE_TRUNCATED, ENG_FORMAT_UNSUPPORTED the files. ENG_MODEL_UNSAFE code, pickles or external
 * paths. ENG_MODEL_UNSUPPORTED a layer, operator or variant by name. ENG_VALUES_NOT_FINITE weights.
 */
export async function inspectModel(manifest: ModelManifest, source: ModelSource): Promise<InspectedModel> {
  const inspected = await inspections[manifest.kind](manifest, source);
  checkAugmentation(manifest.training?.augmentation ?? [], inspected);
  return inspected;
}
