import type { ExposureParameters } from '@engram/attacks';
import type { TaskInput } from '@engram/domain';
import type { ExtractionDecisions } from '../decisions.js';
import { describeDataset } from '../resources.js';
import type { Layout, TaskInputs } from './layout.js';
import { planBlindBaseline } from './plan-blind-baseline.js';
import { secretsCompared } from './secrets-compared.js';

export function planExtraction(
  layout: Layout,
  { prefixSuffix, exposure, texts }: ExtractionDecisions,
  signals: TaskInput,
): TaskInputs {
  const { confidence } = layout.audit.request;
  const tasks: Record<string, TaskInput> = {};
  if (prefixSuffix !== null)
    tasks.extraction = layout.add({
      kind: 'score-extraction',
      inputs: { ...layout.targetInputs, ...layout.rowInputs, signals, blind: planBlindBaseline(layout) },
      params: { ...prefixSuffix, texts, confidence },
      seed: layout.seed('score-extraction'),
      units: layout.samples / 1000,
    });
  if (exposure !== null) {
    const canaries = layout.audit.datasets.canaries!;
    const secrets = secretsCompared(exposure as unknown as ExposureParameters);
    tasks.exposure = layout.add({
      kind: 'score-exposure',
      inputs: { ...layout.targetInputs, canaries: layout.document(describeDataset(canaries)) },
      params: { ...exposure, confidence },
      seed: layout.seed('score-exposure'),
      units: canaries.inspected.count * secrets * layout.passCost(),
    });
  }
  return tasks;
}
