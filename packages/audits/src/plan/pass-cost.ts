import type { StoredDataset, StoredModel } from '@engram/domain';

/** Work of one pass of a model over one sample, in millions of parameters touched; at least a thousandth. */
export function passCost(model: StoredModel | undefined, datasets: readonly StoredDataset[]): number {
  if (model === undefined) return 0.001;
  const { parameterCount, task, contextLength } = model.inspected;
  const longest = Math.max(
    ...datasets.map(({ inspected }) => {
      const { text } = inspected.fields;
      return text?.kind === 'text' ? text.longestBytes / 3 : 1;
    }),
  );
  const tokens = task === 'causal-lm' ? Math.min(contextLength ?? 1024, Math.max(1, longest)) : 1;
  return Math.max(0.001, (parameterCount * tokens) / 1e6);
}
