import type { TaskInput } from '@engram/domain';
import type { Layout } from './layout.js';

/** Depends on the samples alone, so an audit with other tests or another model of the same samples finds it done. */
export function planBlindBaseline(layout: Layout): TaskInput {
  return layout.add({
    kind: 'score-blind-baseline',
    inputs: layout.judgedInputs,
    params: { confidence: layout.audit.request.confidence },
    seed: layout.seed('blind-baseline'),
    units: layout.samples / 1000,
  });
}
