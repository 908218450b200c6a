import { createRequire } from 'node:module';
import util from 'node:util';
import type { TensorFlow } from './backend.js';

/** Loads TensorFlow.js on its native backend, as it comes. What it reads from the environment must be set before. */
export function loadTensorFlow(): TensorFlow {
  restoreUtilFunctions();
  return createRequire(import.meta.url)('@tensorflow/tfjs-node-gpu') as TensorFlow;
}

/** tfjs-node calls two functions of `util` that Node removed in version 23. */
function restoreUtilFunctions(): void {
  const old = util as unknown as Record<string, unknown>;
  old.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined;
  old.isArray ??= Array.isArray;
}
