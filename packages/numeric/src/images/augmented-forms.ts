import { EngramError, type NdArray, type TypedArray } from '@engram/domain';
import { imageLayout } from './image-layout.js';

/** The image itself, then the window on it moved by a pixel each way: (down, right) from (-1, -1) to (1, 1). */
const shifts: readonly (readonly [number, number])[] = [
  [0, 0],
  ...[-1, 0, 1].flatMap((down) => [-1, 0, 1].map((right): [number, number] => [down, right])),
].filter(([down, right], at) => at === 0 || down !== 0 || right !== 0) as [number, number][];

/** Forms an image can be asked about in: nine places, each as it is and mirrored. */
export const mostForms = 2 * shifts.length;

/**
 * One augmented form of images: form 0 is the image, form 1 its mirror image, 2j and 2j + 1 the same shifted by a pixel.
 * What a shift uncovers is reflected about the outermost pixels. So the first 2 of 18 forms are the forms of 2.
 *
 * @param inputs (n, …row) with rows [h, w], [h, w, c] or [c, h, w].
 * @param form from 0 to 17.
 * @returns the same shape and element type.
 * @throws ENG_INTERNAL rows are not images.
 * @see Carlini et al. 2022, "Membership Inference Attacks From First Principles", section VI-B: mirrors and shifts.
 */
export function augmentedForm<T extends TypedArray>({ data, shape }: NdArray<T>, form: number): NdArray<T> {
  if (form === 0) return { data, shape };
  const source = formPixels(shape.slice(1), form);
  const augmented = data.slice() as T;
  for (let start = 0; start < data.length; start += source.length)
    for (let at = 0; at < source.length; at += 1) augmented[start + at] = data[start + source[at]];
  return { data: augmented, shape };
}

/**
 * For each element of a row of one form, numbered as in {@link augmentedForm}, the element of the image it comes from.
 *
 * @param rowShape [h, w], [h, w, c] or [c, h, w].
 * @param form from 0 to 17.
 * @throws ENG_INTERNAL rows are not images.
 */
export function formPixels(rowShape: readonly number[], form: number): Int32Array {
  const layout = imageLayout(rowShape);
  if (layout === undefined) throw new EngramError('ENG_INTERNAL', `rows of shape [${rowShape}] are not images`);
  const { height, width, channels, strideY, strideX, strideChannel } = layout;
  const [down, right] = shifts[form >> 1];
  const isMirrored = form % 2 === 1;
  const source = new Int32Array(height * width * channels);
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) {
      const fromY = reflect(y + down, height);
      const shifted = reflect(x + right, width);
      const fromX = isMirrored ? width - 1 - shifted : shifted;
      for (let c = 0; c < channels; c += 1)
        source[y * strideY + x * strideX + c * strideChannel] = fromY * strideY + fromX * strideX + c * strideChannel;
    }
  return source;
}

/** A coordinate that left [0, size) by one, reflected about the outermost pixel without repeating it. */
function reflect(at: number, size: number): number {
  return at < 0 ? -at : at >= size ? 2 * size - 2 - at : at;
}
