import { type InputRange, type TargetMeasure, type TransferSettings, transferAttack } from '@engram/attacks';
import type { TaskSpec } from '@engram/domain';
import { openAuditRows } from '../audit-rows.js';
import type { TaskContext } from '../context.js';
import { inputRangeOf } from './input-range.js';
import { measureByLabels } from './label-target.js';
import type { Measurement } from './measurement.js';
import { openSurrogates } from './open-surrogates.js';

/** How long the target holds on to each sample's label while reference models that never saw it let go. */
export async function measureTransferAttack(
  measure: TargetMeasure,
  task: TaskSpec,
  context: TaskContext,
): Promise<Measurement> {
  const { inputRange, ...path } = measure.params as unknown as Omit<TransferSettings, 'range'> & {
    inputRange: InputRange | null;
  };
  const surrogates = await openSurrogates(task, await openAuditRows(context), context);
  let unreached = 0;
  try {
    const { values, meta } = await measureByLabels(measure, context, async ({ oracle, rows, advance }) => {
      const settings = { ...path, range: inputRangeOf(rows, inputRange), onProgress: advance };
      return async (samples) => {
        const found = await transferAttack(samples, oracle, surrogates, settings);
        unreached += found.unreached;
        return found;
      };
    });
    return { values, meta: { ...meta, models: surrogates.models, unreached } };
  } finally {
    surrogates.dispose();
  }
}
