import { EngramError, type InspectedModel, type ModelSource, type OpenPredictor } from '@engram/domain';
import type { Engine } from '@engram/engine';
import { openOnnxPredictor } from './onnx/open-predictor.js';
import type { OnnxRuntime } from './onnx/session.js';
import { openLayersPredictor } from './tfjs-layers/open-predictor.js';

/** The native libraries of the process that opens models. */
export interface Drivers {
  readonly engine?: Engine;
  readonly ort?: OnnxRuntime;
  /** Threads of ONNX Runtime; default 1. */
  readonly threads?: number;
}

/**
 * Opens a classifier or a regression of any kind for evaluation.
 *
 * @throws ENG_NATIVE_LIBRARY_MISSING the driver its kind needs was not passed. ENG_MODEL_UNSUPPORTED a language model.
 */
export async function openPredictor(
  source: ModelSource,
  inspected: InspectedModel,
  drivers: Drivers,
): Promise<OpenPredictor> {
  if (inspected.task === 'causal-lm')
    throw new EngramError('ENG_MODEL_UNSUPPORTED', 'a language model is no classifier and no regression', {
      remedy: 'Open it as a language model.',
    });
  if (inspected.kind === 'tfjs-layers')
    return openLayersPredictor(source, inspected, required(drivers.engine, 'the TensorFlow engine'));
  return openOnnxPredictor(source, inspected, required(drivers.ort, 'ONNX Runtime'), drivers.threads);
}

export function required<T>(driver: T | undefined, name: string): T {
  if (driver !== undefined) return driver;
  throw new EngramError(
    'ENG_NATIVE_LIBRARY_MISSING',
    `opening this model needs ${name}, which this process did not load`,
    {
      remedy: 'Run `npx engram doctor` to see what is installed.',
    },
  );
}
