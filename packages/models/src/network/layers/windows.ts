import { z } from 'zod';
import type { Tensor, Tf } from '../../tensors.js';

export type Padding = 'same' | 'valid';
export type Pair = readonly [number, number];

const natural = z.number().int().positive();

/** A setting given as one number or as one per axis, as [height, width]; along one axis, as [1, length]. */
export function windowSetting(axes: 1 | 2, fallback?: number) {
  const each = axes === 2 ? z.tuple([natural, natural]) : z.tuple([natural]);
  const given = z.union([natural, each]).transform((value): Pair => {
    const list = typeof value === 'number' ? Array<number>(axes).fill(value) : value;
    return axes === 2 ? [list[0]!, list[1]!] : [1, list[0]!];
  });
  return fallback === undefined
    ? given
    : given.nullish().transform((pair): Pair => pair ?? (axes === 2 ? [fallback, fallback] : [1, fallback]));
}

export const paddingSetting = z
  .enum(['same', 'valid'])
  .nullish()
  .transform((padding): Padding => padding ?? 'valid');

/** Channels first would be another memory layout throughout; it is refused by the schema with this message. */
export const channelsLast = z.literal('channels_last', 'only channels_last is supported').nullish();

/** Number of windows along one axis. */
export function windowCount(size: number, window: number, stride: number, dilation: number, padding: Padding): number {
  const reach = (window - 1) * dilation + 1;
  return padding === 'same' ? Math.ceil(size / stride) : Math.floor((size - reach) / stride) + 1;
}

export interface Windows {
  readonly size: Pair;
  readonly strides: Pair;
  readonly dilation: Pair;
  readonly padding: Padding;
}

/**
 * The input under each window, one row per output position.
 *
 * @param x (n, height, width, channels)
 * @returns (n, positions, window height × window width × channels), in the order of a convolution kernel's axes.
 */
export function patches(tf: Tf, x: Tensor, { size, strides, dilation, padding }: Windows): Tensor {
  const [samples, height, width, channels] = x.shape as [number, number, number, number];
  const counts = [0, 1].map((axis) =>
    windowCount([height, width][axis]!, size[axis]!, strides[axis]!, dilation[axis]!, padding),
  ) as [number, number];
  const pads = [0, 1].map((axis): [number, number] => {
    if (padding === 'valid') return [0, 0];
    const reach = (counts[axis]! - 1) * strides[axis]! + (size[axis]! - 1) * dilation[axis]! + 1;
    const total = Math.max(0, reach - [height, width][axis]!);
    return [Math.floor(total / 2), total - Math.floor(total / 2)];
  });
  const padded = pads.flat().some((each) => each > 0) ? tf.pad(x, [[0, 0], pads[0]!, pads[1]!, [0, 0]]) : x;
  const shifted: Tensor[] = [];
  for (let i = 0; i < size[0]; i++) {
    for (let j = 0; j < size[1]; j++) {
      const begin = [0, i * dilation[0], j * dilation[1], 0];
      const end = [
        samples,
        begin[1]! + (counts[0] - 1) * strides[0] + 1,
        begin[2]! + (counts[1] - 1) * strides[1] + 1,
        channels,
      ];
      // Only the slice without strides has a gradient.
      const view =
        strides[0] === 1 && strides[1] === 1
          ? tf.slice(padded, begin, [samples, counts[0], counts[1], channels])
          : tf.stridedSlice(padded, begin, end, [1, strides[0], strides[1], 1]);
      shifted.push(tf.reshape(view, [samples, counts[0] * counts[1], channels]));
    }
  }
  return shifted.length === 1 ? shifted[0]! : tf.concat(shifted, 2);
}
