/** How one row of a model's inputs is an image. */
export interface ImageShape {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** Whether all of one channel comes before the next, as PyTorch lays images out; otherwise channels vary fastest. */
  readonly channelsFirst: boolean;
}

/** Grey, colour, colour with transparency. */
const channelCounts = [1, 3, 4];
/** Shorter sides hold no picture that survives being moved by a pixel. */
const shortestSide = 8;

/**
 * Reads a row shape as an image: three axes, of which the last or the first counts 1, 3 or 4 channels.
 *
 * @returns null when it cannot be one: two axes may as well be a sequence, and are not taken for a picture.
 */
export function imageShape(rowShape: readonly number[]): ImageShape | null {
  if (rowShape.length !== 3) return null;
  const [a, b, c] = rowShape;
  const image = channelCounts.includes(c)
    ? { height: a, width: b, channels: c, channelsFirst: false }
    : { height: b, width: c, channels: a, channelsFirst: true };
  if (!channelCounts.includes(image.channels)) return null;
  return Math.min(image.height, image.width) < shortestSide ? null : image;
}
