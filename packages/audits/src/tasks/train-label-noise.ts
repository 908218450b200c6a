import { EngramError, type TaskSpec } from '@engram/domain';
import { openAuditRows, rowsWhere, takeRows } from './audit-rows.js';
import { param, type TaskContext, type TaskResult } from './context.js';
import type { LabelledSamples } from './label-noise/labelled-samples.js';
import { trainNoisyLabels } from './label-noise/train-noisy-labels.js';
import { trainRandomLabels } from './label-noise/train-random-labels.js';
import { openTrainableTarget } from './open-target.js';

/**
 * Trains copies of the target's architecture by its recipe on the members with labels changed on purpose, all side by
 * side. `protocol` is `randomLabels` or `noisyLabels`; what each leaves is said at its function. Needs no weights of the
 * target.
 *
 * @throws ENG_ONE_CLASS_ONLY the members have one label. ENG_VALUES_NOT_FINITE training diverged.
 */
export async function trainLabelNoise(task: TaskSpec, context: TaskContext): Promise<TaskResult> {
  const rows = await openAuditRows(context);
  const target = await openTrainableTarget(rows, context);
  const members = rowsWhere(rows.membership, 1);
  const others = rowsWhere(rows.membership, 0).filter((row) => rows.calibration[row] === 0);
  const asked = Int32Array.from([...members, ...others]);
  const samples: LabelledSamples = {
    network: target.network,
    inputs: takeRows(target.inputs, members),
    labels: members.map((row) => target.labels[row]),
    members,
    everyone: { inputs: takeRows(target.inputs, asked), labels: asked.map((row) => target.labels[row]) },
  };
  const protocol = param<string>(task, 'protocol');
  switch (protocol) {
    case 'randomLabels':
      return trainRandomLabels(task, context, samples);
    case 'noisyLabels':
      return trainNoisyLabels(task, context, samples);
    default:
      throw new EngramError('ENG_INTERNAL', `no protocol of label noise is called ${protocol}`);
  }
}
