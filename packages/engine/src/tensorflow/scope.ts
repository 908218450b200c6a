import type { TensorFlow } from './backend.js';

/**
 * Runs `work` and disposes every tensor it made and did not `tf.keep`. Unlike `tf.tidy` it hands back any value as it
 * is, without searching it for tensors to spare.
 */
export function inScope<T>(tf: TensorFlow, work: () => T): T {
  let result: { value: T } | undefined;
  tf.tidy(() => {
    result = { value: work() };
  });
  return result!.value;
}
