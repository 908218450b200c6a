import type { Json, TaskInput } from '@engram/domain';
import type { Layout } from './layout.js';

/** What the target says of every sample: read by all tests. */
export function planSignals(layout: Layout): TaskInput {
  return layout.audit.target === 'languageModel' ? tokenSignals(layout) : signals(layout);
}

function signals(layout: Layout): TaskInput {
  return layout.add({
    kind: 'collect-signals',
    inputs: { ...layout.targetInputs, ...layout.datasetInputs },
    params: { queries: layout.queries, ...layout.lossesUnder },
    seed: 0,
    units: layout.asked * layout.queries * layout.passCost(),
  });
}

function tokenSignals(layout: Layout): TaskInput {
  const prefixSuffix = layout.decisions.extraction?.prefixSuffix ?? null;
  const { prefixTokens, suffixTokens, maxRecords } = (prefixSuffix ?? {}) as { [name: string]: Json };
  const window: { [name: string]: Json } = prefixSuffix === null ? {} : { prefixTokens, suffixTokens, maxRecords };
  return layout.add({
    kind: 'collect-token-signals',
    inputs: { ...layout.targetInputs, ...layout.datasetInputs },
    params: window,
    seed: 0,
    units: layout.asked * layout.passCost(),
  });
}
