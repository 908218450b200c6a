import type { ErrorCode } from './errors.js';

/** How the interval of a number was obtained. */
export type IntervalMethod =
  | 'clopperPearson'
  | 'wilson'
  | 'delong'
  | 'bootstrap'
  | 'permutation'
  | 'fisherZ'
  | 'normal'
  | 'order'
  | 'exact';

/** A published number: its value, an interval, how many samples it rests on; or why there is none. */
export type Measured =
  | {
      readonly status: 'measured';
      readonly value: number;
      readonly low: number;
      readonly high: number;
      /** Two-sided confidence of [low, high], a fraction. */
      readonly confidence: number;
      readonly n: number;
      readonly method: IntervalMethod;
    }
  | NotMeasured;

export interface NotMeasured {
  readonly status: 'notMeasured';
  readonly code: ErrorCode;
  readonly reason: string;
}

export function notMeasured(code: ErrorCode, reason: string): NotMeasured {
  return { status: 'notMeasured', code, reason };
}
