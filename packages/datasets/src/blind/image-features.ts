import type { NdArray } from '@engram/domain';
import type { ImageLayout } from '@engram/numeric';
import { names, type RowFeatures } from './row-features.js';

const thumbnailSide = 8;

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
