import { EngramError, type InspectedModel, type ModelSource } from '@engram/domain';
import type { OpenLanguageModel } from './causal-lm/language-model.js';
import { openLlama } from './causal-lm/open-llama.js';
import { openOnnxLanguageModel } from './onnx/open-language-model.js';
import { type Drivers, required } from './open-predictor.js';

/**
 * Opens a causal language model of any kind.
 *
 * @throws ENG_NATIVE_LIBRARY_MISSING the driver its kind needs was not passed. ENG_MODEL_UNSUPPORTED not a language model.
 */
export async function openLanguageModel(
  source: ModelSource,
  inspected: InspectedModel,
  drivers: Drivers,
): Promise<OpenLanguageModel> {
  if (inspected.task !== 'causal-lm')
    throw new EngramError('ENG_MODEL_UNSUPPORTED', `a ${inspected.task} model is not a language model`, {
      remedy: 'Open it as a classifier or a regression.',
    });
  if (inspected.kind === 'causal-lm')
    return openLlama(source, inspected, required(drivers.engine, 'the TensorFlow engine'));
  return openOnnxLanguageModel(source, inspected, required(drivers.ort, 'ONNX Runtime'), drivers.threads);
}
