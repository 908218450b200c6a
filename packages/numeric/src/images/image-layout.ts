const mostChannels = 4;

/** Where the pixels of an image lie in its row. */
export interface ImageLayout {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** Distance in elements between neighbours along each axis. */
  readonly strideY: number;
  readonly strideX: number;
  readonly strideChannel: number;
}

/**
 * How rows of this shape are laid out as images: [h, w], [h, w, c] or [c, h, w] with up to four channels; undefined for
 * shapes that are not images. Sides below 2 are no images either.
 */
export function imageLayout(rowShape: readonly number[]): ImageLayout | undefined {
  const [a = 0, b = 0, c = 0] = rowShape;
  if (rowShape.length === 2 && a > 1 && b > 1)
    return { height: a, width: b, channels: 1, strideY: b, strideX: 1, strideChannel: 0 };
  if (rowShape.length !== 3) return undefined;
  if (c <= mostChannels && a > 1 && b > 1)
    return { height: a, width: b, channels: c, strideY: b * c, strideX: c, strideChannel: 1 };
  if (a <= mostChannels && b > 1 && c > 1)
    return { height: b, width: c, channels: a, strideY: c, strideX: 1, strideChannel: b * c };
  return undefined;
}
