import type { TensorFlow } from '@engram/engine';

/** The TensorFlow.js namespace an engine hands to its programs. */
export type Tf = TensorFlow;
export type Tensor = ReturnType<Tf['keep']>;
export type Tensor4D = ReturnType<Tf['tensor4d']>;

/** What a differentiated function returns: the scalar, and tensors of its forward pass wanted afterwards. */
export interface Differentiated {
  readonly loss: Tensor;
  readonly aside: readonly Tensor[];
}

/**
 * Gradients of a scalar with respect to tensors, together with what else its forward pass computed. (TensorFlow.js frees
 * everything of a forward pass but its result.)
 */
export function differentiate(
  tf: Tf,
  values: readonly Tensor[],
  compute: (values: readonly Tensor[]) => Differentiated,
): { readonly gradients: readonly Tensor[]; readonly aside: readonly Tensor[] } {
  let kept: Tensor[] = [];
  const gradients = tf.grads((...given: Tensor[]) => {
    const { loss, aside } = compute(given);
    kept = aside.map((each) => tf.keep(tf.clone(each)));
    return loss.asScalar();
  })([...values]);
  const aside = kept.map((each) => tf.clone(each));
  for (const each of kept) each.dispose();
  return { gradients, aside };
}
