import { createRequire } from 'node:module';
import util from 'node:util';
import type { TensorFlow } from './backend.js';

/** Loads TensorFlow.js on its native backend, as it comes. What it reads from the environment must be set before. */
export function loadTensorFlow(): TensorFlow {
  restoreUtilFunctions();
  return createRequire(import.meta.url)('@tensorflow/tfjs-node-gpu') as TensorFlow;
}

/**
 * tfjs-node calls two functions of `util` that Node deprecated and then removed. They are put there without looking
 * whether they exist, since looking is what warns.
 */
function restoreUtilFunctions(): void {
  const isNullOrUndefined = (value: unknown) => value === null || value === undefined;
  Object.assign(util, { isNullOrUndefined, isArray: Array.isArray });
}
