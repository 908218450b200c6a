/** Reference models per task: enough to train well side by side, few enough to spread over workers and lose little. */
const mostPerTask = 8;
/** Bytes of weights one task may leave: they are held in memory whole. */
const bytesPerTask = 512 * 1024 ** 2;
/** Bytes of weights one audit may leave in the artifact store. */
export const bytesPerBank = 4 * 1024 ** 3;

/** Bytes of one trained classifier: float32 weights. */
function bytesPerModel(parameterCount: number): number {
  return 4 * Math.max(1, parameterCount);
}

/** Classifiers trained in one task: a rule of the architecture alone, so that a larger bank keeps its first groups. */
export function classifiersPerTask(parameterCount: number): number {
  return Math.max(1, Math.min(mostPerTask, Math.floor(bytesPerTask / bytesPerModel(parameterCount))));
}

/** Models to train in groups, each a task of its own: the number of each group's first model, and how many it has. */
export function modelGroups(models: number, perTask: number): { readonly from: number; readonly count: number }[] {
  return Array.from({ length: Math.ceil(models / perTask) }, (_, i) => ({
    from: i * perTask,
    count: Math.min(perTask, models - i * perTask),
  }));
}

/** The largest bank of classifiers whose weights may be kept: even, since models come in complementary pairs. */
export function largestBank(parameterCount: number): number {
  const models = Math.floor(bytesPerBank / bytesPerModel(parameterCount));
  return models - (models % 2);
}
