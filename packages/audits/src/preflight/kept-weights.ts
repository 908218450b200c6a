import type { StoredModel } from '@engram/domain';
import { bytesPerBank, largestBank } from '../plan/bank-size.js';

/** How many models like this one have their weights kept for one audit, so that another attack trains nothing. */
export interface KeptWeights {
  readonly most: number;
  /** The same in words, for refusals and notices. */
  readonly rule: string;
}

export function keptWeights({ inspected: { parameterCount } }: StoredModel): KeptWeights {
  const most = largestBank(parameterCount);
  const gibibytes = bytesPerBank / 1024 ** 3;
  return {
    most,
    rule: `the weights of at most ${most} models of ${parameterCount} parameters (${gibibytes} GiB) are kept for one audit`,
  };
}
