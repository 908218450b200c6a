import type { ProgramContext } from '@engram/engine';
import { formPixels, mostForms } from '@engram/numeric';
import { sizeOf } from '../network/initializers.js';
import type { Tensor } from '../tensors.js';

/** Name, among a session's arrays, of the table {@link formImages} reads. */
export const formTable = 'formPixels';

/** (forms, pixels): the pixel of the image each pixel of each of its forms comes from. */
export function formTableOf(inputShape: readonly number[]) {
  const width = sizeOf(inputShape);
  const data = new Int32Array(mostForms * width);
  for (let form = 0; form < mostForms; form++) data.set(formPixels(inputShape, form), form * width);
  return { data, shape: [mostForms, width] };
}

/**
 * Images in the forms drawn for them.
 *
 * Pixels are addressed within the batch, not within all samples, whose pixels may be more than an int32 counts.
 *
 * @param images (…lead, …input shape)
 * @param forms (…lead)
 * @returns (…lead, …input shape)
 */
export function formImages({ tf, data, constant }: ProgramContext, images: Tensor, forms: Tensor): Tensor {
  const count = sizeOf(forms.shape);
  const width = images.size / count;
  const starts = constant(
    Int32Array.from({ length: count }, (_, image) => image * width),
    [count, 1],
    'int32',
  );
  const pixels = tf.add(tf.gather(data[formTable]!, tf.reshape(forms, [count])), starts);
  const moved = tf.gather(tf.reshape(images, [count * width]), tf.reshape(pixels, [count * width]));
  return tf.reshape(moved, [...images.shape]);
}
