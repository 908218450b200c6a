import {
  type CanarySignals,
  type CanarySpace,
  canarySpaceOf,
  canaryText,
  type ExposureParameters,
  enumerateSecrets,
  expectedNullExposure,
  exposure,
  exposureNullCheck,
  exposures,
  sampleSecrets,
  spaceBits,
} from '@engram/attacks';
import type { ExtractionReport } from '@engram/contract';
import { EngramError, type Json, type Measured, notMeasured, type OpenDataset, type TaskSpec } from '@engram/domain';
import { bootstrapInterval, clopperPearson } from '@engram/metrics';
import type { OpenLanguageModel } from '@engram/models';
import { deriveSeed, median, normalQuantile } from '@engram/numeric';
import { largestEnumerated } from '../plan/secrets-compared.js';
import type { ModelDescriptor } from '../resources.js';
import { openRole } from './audit-rows.js';
import { param, readDocument, type TaskContext, type TaskResult } from './context.js';
import { openTargetLanguageModel } from './open-language-target.js';

type ExposureSection = NonNullable<ExtractionReport['exposure']>;

const textsPerBatch = 64;

/**
 * How far each planted secret stands out among all it could have been. Every canary is compared with references of its
 * own, drawn from the same space and put into the same text, so that exposures do not depend on each other.
 */
export async function scoreExposure(task: TaskSpec, context: TaskContext): Promise<TaskResult> {
  const dataset = await openRole(context, 'canaries');
  if (dataset === undefined) throw new EngramError('ENG_INTERNAL', 'an exposure task without canaries');
  const confidence = param<number>(task, 'confidence');
  const settings = exposure.params.parse(
    Object.fromEntries(Object.entries(task.params).filter(([name]) => name in exposure.params.shape)),
  );
  const descriptor = await readDocument<ModelDescriptor>(context, 'model');
  const model = await openTargetLanguageModel(descriptor, context);
  try {
    const { signals, ids } = await scoreCanaries(dataset, model, settings, task.seed, context);
    const found = exposures(signals, settings.estimator);
    const section = exposureSection(signals, found, ids, confidence, task.seed);
    return { bundle: { arrays: {}, meta: { section: section as unknown as Json } }, facts: { canaries: ids.length } };
  } finally {
    await model.dispose();
  }
}

async function scoreCanaries(
  dataset: OpenDataset,
  model: OpenLanguageModel,
  settings: ExposureParameters,
  seed: number,
  context: TaskContext,
): Promise<{ signals: CanarySignals; ids: string[] }> {
  const [texts, secrets, repetitions, ids] = await Promise.all([
    dataset.texts('text'),
    dataset.texts('secret'),
    dataset.numbers('repetitions'),
    dataset.ids(),
  ]);
  const spaces = texts.map((text, i) => spaceOf(text, secrets[i], settings, i));
  const bits = spaceBits(spaces[0]);
  const size = Math.round(2 ** bits);
  const enumerated = size <= largestEnumerated && settings.estimator !== 'extrapolated';
  const planted = new Set(secrets);
  const perCanary = enumerated ? size : settings.references;
  const total = texts.length * (perCanary + 1);
  let done = 0;
  const score = async (batch: readonly string[]): Promise<Float64Array> => {
    context.signal.throwIfAborted();
    const nats = await model.sequenceLoss(batch.map((text) => model.encode(text)));
    done += batch.length;
    context.progress(done / total, `${texts.length} canaries against ${perCanary} secrets each`);
    return nats.map((value) => value / Math.LN2);
  };
  const scoreAll = async (all: readonly string[]): Promise<Float64Array> => {
    const scores = new Float64Array(all.length);
    for (let start = 0; start < all.length; start += textsPerBatch)
      scores.set(await score(all.slice(start, start + textsPerBatch)), start);
    return scores;
  };
  const logPerplexityBits = await scoreAll(texts);
  const references: Float64Array[] = [];
  for (const [i, space] of spaces.entries()) {
    const others = enumerated
      ? [...enumerateSecrets(space)]
      : sampleSecrets(space, settings.references, deriveSeed(seed, 'references', i), planted);
    references.push(await scoreAll(others.map((secret) => canaryText(space, secret))));
  }
  return {
    signals: {
      logPerplexityBits,
      repetitions: Int32Array.from(repetitions.data),
      references,
      template: Int32Array.from(texts.keys()),
      spaceBits: bits,
      enumerated,
    },
    ids,
  };
}

/** The canary's text with a place where its secret stood; all spaces are as large as the settings say. */
function spaceOf(text: string, secret: string, settings: ExposureParameters, row: number): CanarySpace {
  const refuse = (message: string) =>
    new EngramError('ENG_DATA_MODEL_MISMATCH', `canary ${row}: ${message}`, {
      remedy: 'Set alphabet and length of the exposure attack to the space the secrets were drawn from.',
      faults: [{ pointer: '/data/canaries', message: `row ${row}: ${message}` }],
    });
  try {
    const space = canarySpaceOf(text, secret, settings.alphabet);
    if (space.length === settings.length) return space;
    throw refuse(`expected a secret of ${settings.length} characters, got ${space.length}`);
  } catch (error) {
    throw error instanceof EngramError && error.code === 'ENG_REQUEST_INVALID' ? refuse(error.message) : error;
  }
}

function exposureSection(
  signals: CanarySignals,
  found: ReturnType<typeof exposures>,
  ids: readonly string[],
  confidence: number,
  seed: number,
): ExposureSection {
  const levels = [...new Set(signals.repetitions)].sort((a, b) => a - b);
  const at = (level: number) => [...signals.repetitions.keys()].filter((i) => signals.repetitions[i] === level);
  const size = signals.references[0].length + (signals.enumerated ? 0 : 1);
  return {
    spaceBits: signals.spaceBits,
    references: signals.references[0].length,
    estimator: found.estimator,
    canaries: ids.map((sampleId, i) => ({
      sampleId,
      repetitions: signals.repetitions[i],
      exposureBits: found.exposureBits[i],
      pValue: found.pValue[i],
      extrapolatedBits: Number.isNaN(found.extrapolatedBits[i]) ? null : found.extrapolatedBits[i],
    })),
    byRepetitions: levels.map((repetitions) => {
      const bits = Float64Array.from(at(repetitions), (i) => found.exposureBits[i]);
      const detected = at(repetitions).filter((i) => found.pValue[i] <= 0.01).length;
      return {
        repetitions,
        count: bits.length,
        exposureBits: medianBits(bits, confidence, deriveSeed(seed, 'bootstrap', repetitions)),
        shareDetected: clopperPearson(detected, bits.length, confidence),
      };
    }),
    nullCheck: nullCheck(
      Float64Array.from(at(0), (i) => found.exposureBits[i]),
      size,
      confidence,
    ),
  };
}

function medianBits(bits: Float64Array, confidence: number, seed: number): Measured {
  return bootstrapInterval({
    units: bits.length,
    statistic: (rows) => median(Float64Array.from(rows, (row) => bits[row])),
    seed,
    confidence,
  });
}

function nullCheck(bits: Float64Array, size: number, confidence: number): ExposureSection['nullCheck'] {
  const check = exposureNullCheck(bits, size);
  if (check === null)
    return {
      outcome: 'notRun',
      measured: notMeasured('ENG_INSUFFICIENT_SAMPLES', 'no canary was left unplanted (repetitions 0)'),
      statement: 'No canary was left unplanted, so nothing shows that exposure is near zero without training.',
    };
  const expected = expectedNullExposure(size);
  const off = Math.abs(check.meanBits - expected) / check.standardErrorBits;
  const outcome =
    check.ks.pValue < 0.001 || off > 4
      ? 'fail'
      : check.ks.pValue < 0.05 || off > 2
        ? 'warn'
        : check.n < 5
          ? 'inconclusive'
          : 'pass';
  const half = normalQuantile((1 + confidence) / 2) * check.standardErrorBits;
  return {
    outcome,
    measured: {
      status: 'measured',
      value: check.meanBits,
      low: check.meanBits - half,
      high: check.meanBits + half,
      confidence,
      n: check.n,
      method: 'normal',
    },
    statement: `Canaries never planted show ${check.meanBits.toFixed(2)} bits on average; ${expected.toFixed(2)} are expected of chance among ${size} secrets.`,
  };
}
