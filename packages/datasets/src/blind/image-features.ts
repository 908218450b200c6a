import type { NdArray } from '@engram/domain';
import { names, type RowFeatures } from './row-features.js';

const thumbnailSide = 8;
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

/**
 * Mean and standard deviation of each channel, and an 8 × 8 thumbnail of the mean over channels (smaller where the image
 * is). What a person would see at a glance, and what collection or preprocessing often changes.
 */
export function imageFeatures(inputs: NdArray, layout: ImageLayout): RowFeatures {
  const { data } = inputs;
  const { height, width, channels, strideY, strideX, strideChannel } = layout;
  const rowLength = height * width * channels;
  const side = { y: Math.min(thumbnailSide, height), x: Math.min(thumbnailSide, width) };
  const counts = new Float64Array(side.y * side.x);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) counts[cellOf(y, height, side.y) * side.x + cellOf(x, width, side.x)]! += channels;
  return {
    names: [
      ...names('channelMean', channels),
      ...names('channelDeviation', channels),
      ...names('thumbnail', counts.length),
    ],
    fill(row, target, at) {
      const thumbnail = target.subarray(at + 2 * channels, at + 2 * channels + counts.length);
      for (let channel = 0; channel < channels; channel++) {
        let sum = 0;
        let squares = 0;
        for (let y = 0; y < height; y++) {
          const cells = cellOf(y, height, side.y) * side.x;
          for (let x = 0; x < width; x++) {
            const value = data[row * rowLength + y * strideY + x * strideX + channel * strideChannel]!;
            sum += value;
            squares += value * value;
            thumbnail[cells + cellOf(x, width, side.x)]! += value;
          }
        }
        const mean = sum / (height * width);
        target[at + channel] = mean;
        target[at + channels + channel] = Math.sqrt(Math.max(0, squares / (height * width) - mean * mean));
      }
      for (let i = 0; i < counts.length; i++) thumbnail[i]! /= counts[i]!;
    },
  };
}

function cellOf(place: number, length: number, cells: number): number {
  return Math.floor((place * cells) / length);
}
