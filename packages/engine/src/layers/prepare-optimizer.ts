import type { Optimizer, Tensor, Variable } from '@tensorflow/tfjs';
import type { TensorFlow } from '../tensorflow/backend.js';

/**
 * Creates the slots of a tf.train optimizer, which it would otherwise create at its first update: inside a recording,
 * where no variable can be born. One update with zero gradients is made and undone, so weights and slots are as before a
 * first step.
 */
export function prepareOptimizer(tf: TensorFlow, optimizer: Optimizer, variables: readonly Variable[]): void {
  tf.tidy(() => {
    const counter = optimizer as unknown as { iterations_?: number };
    const iterations = counter.iterations_ ?? 0;
    const registered = () => Object.values(tf.engine().registeredVariables) as Variable[];
    const before = new Map(registered().map((variable) => [variable, variable.clone()]));
    const zeros: Record<string, Tensor> = {};
    for (const variable of variables) zeros[variable.name] = tf.zerosLike(variable);
    optimizer.applyGradients(zeros);
    for (const variable of registered()) {
      const value = before.get(variable);
      // What existed goes back to what it held, such as the powers of Adam's betas. New slots are as the optimizer wants
      // them, except where it divided zero by zero (centered RMSProp).
      if (value === undefined) variable.assign(tf.where(tf.isNaN(variable), tf.zerosLike(variable), variable));
      else if (variable.dataId !== value.dataId) variable.assign(value);
    }
    counter.iterations_ = iterations;
  });
}
