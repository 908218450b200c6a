import { type CatalogEntry, difficultyEstimators, extractionAttacks, membershipAttacks } from '@engram/attacks';
import { type Capabilities, largestPage, largestSamplePage, longestWaitSeconds, type Method } from '@engram/contract';
import { readers } from '@engram/datasets';
import type { ModelKind } from '@engram/domain';
import type { WorkerStatus } from '@engram/queue';
import { z } from 'zod';
import type { UploadLimits } from '../uploads/receive-upload.js';

const modelKindSummaries: Readonly<Record<ModelKind, string>> = {
  'tfjs-layers': 'TensorFlow.js layers model: model.json and its weight files. Can be run, trained and unlearned.',
  onnx: 'ONNX file, run by ONNX Runtime. Cannot be trained, so references must come with the data.',
  'causal-lm': 'Hugging Face directory of a Llama-shaped language model: config.json, tokenizer.json, safetensors.',
};

/** What this service can do now: its catalogs, its limits, and the workers heard of lately. */
export function capabilitiesOf(
  workers: readonly WorkerStatus[],
  limits: UploadLimits,
  versions: Readonly<Record<string, string>>,
): Capabilities {
  return {
    models: Object.entries(modelKindSummaries).map(([kind, summary]) => ({ kind, summary })),
    datasets: Object.values(readers).map(({ format, summary }) => ({ format, summary })),
    archives: ['zip', 'tar', 'tar.gz', 'tgz'],
    membership: membershipAttacks.map((attack) =>
      methodOf(
        attack,
        attack.plan().requires.map(({ signal }) => signal),
      ),
    ),
    extraction: extractionAttacks.map((attack) =>
      methodOf(
        attack,
        attack.plan().requires.map((each) => (each.needs === 'ability' ? each.ability : each.needs)),
      ),
    ),
    estimators: difficultyEstimators.map((estimator) =>
      methodOf(
        estimator,
        estimator.plan().requires.map(({ from, reads }) => `${from}.${reads}`),
      ),
    ),
    limits: {
      fileBytes: limits.fileBytes,
      uploadBytes: limits.totalBytes,
      filesPerUpload: limits.files,
      pageItems: largestPage,
      samplePageItems: largestSamplePage,
      waitSeconds: longestWaitSeconds,
    },
    workers: workers.map(({ id, device, slots, startedAt, versions: own, current }) => ({
      id,
      device,
      slots: { ...slots },
      running: current.length,
      startedAt,
      versions: { ...own },
    })),
    versions: { ...versions },
  };
}

function methodOf({ id, summary, paper, params }: CatalogEntry, requires: readonly string[]): Method {
  const { $schema: _, ...schema } = z.toJSONSchema(params, { io: 'input', unrepresentable: 'any' });
  return { id, summary, paper, requires: [...new Set(requires)], params: schema as Method['params'] };
}
