import { EngramError } from '@engram/domain';
import type { BatchPlan } from './batch-plan.js';
import type { BankRequest, Labels } from './request.js';

/** Milliseconds of work between chances for the event loop: progress, cancellation. */
const breathMs = 200;

/** How far a bank is, for the caller and for its own facts. */
export interface Progress {
  advance(counts: Int32Array): Promise<void>;
  breathe(): Promise<void>;
  sampleStepsPerSecond(): number;
}

export function watch(request: BankRequest<Labels>, plans: readonly BatchPlan[]): Progress {
  const total = plans.reduce((sum, plan, index) => {
    const samples = request.models[index]!.trainedOn.reduce((count, each) => count + each, 0);
    return sum + (samples * plan.steps) / plan.stepsPerEpoch;
  }, 0);
  let done = 0;
  let trainingMs = 0;
  let last = performance.now();
  let breath = last;
  async function breathe(): Promise<void> {
    if (request.signal?.aborted) throw new EngramError('ENG_AUDIT_CANCELLED', 'training was stopped on request');
    if (performance.now() - breath > breathMs) {
      request.onProgress?.(Math.min(1, done / Math.max(1, total)));
      await new Promise((resolve) => setImmediate(resolve));
      breath = performance.now();
    }
    last = performance.now();
  }
  return {
    async advance(counts) {
      for (const count of counts) done += count;
      trainingMs += performance.now() - last;
      await breathe();
    },
    breathe,
    sampleStepsPerSecond: () => (done / trainingMs) * 1000,
  };
}
