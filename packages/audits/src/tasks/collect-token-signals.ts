import type { NdArray, TaskSpec } from '@engram/domain';
import type { OpenLanguageModel } from '@engram/models';
import { createRandom, deriveSeed } from '@engram/numeric';
import type { ModelDescriptor } from '../resources.js';
import { openAuditRows, openRole } from './audit-rows.js';
import { readDocument, type TaskContext, type TaskResult } from './context.js';
import { keptTokens } from './kept-tokens.js';
import { withMedianForMissing } from './missing-losses.js';
import { openTargetLanguageModel } from './open-language-target.js';

/** Texts scored between two looks at the cancel signal. */
const textsPerBatch = 32;

/**
 * Reads what attacks need of a language model on every judged text: the mean loss per token over the text, as far as
 * the context reaches, and, when a window is asked for, the signals of one stretch of prefix and suffix tokens at a
 * random place of each text. Leaves `membership`, `loss` and `scaledConfidence` (minus the loss), `tokens`, and
 * `window.*` with `window.valid` 0 where a text was too short.
 */
export async function collectTokenSignals(task: TaskSpec, context: TaskContext): Promise<TaskResult> {
  const rows = await openAuditRows(context);
  const population = await openRole(context, 'population');
  const descriptor = await readDocument<ModelDescriptor>(context, 'model');
  const model = await openTargetLanguageModel(descriptor, context);
  try {
    const texts = (await Promise.all(rows.parts.map((part) => part.dataset.texts('text')))).flat();
    const others = population === undefined ? [] : await population.texts('text');
    const report = (fraction: number) => context.progress(fraction, `${texts.length} texts`);
    const share = texts.length / Math.max(1, texts.length + others.length);
    const windowed = task.params.prefixTokens !== undefined;
    const scored = await textLosses(model, texts, context, (f) => report(f * share * (windowed ? 0.5 : 1)));
    const arrays: Record<string, NdArray> = {
      membership: vector(rows.membership),
      loss: vector(scored.loss),
      scaledConfidence: vector(scored.loss.map((nats) => -nats)),
      tokens: vector(scored.tokens),
    };
    if (others.length > 0)
      arrays['population.loss'] = vector((await textLosses(model, others, context, () => {})).loss);
    if (windowed)
      Object.assign(arrays, await windowSignals(model, texts, task, context, (f) => report(share * (0.5 + 0.5 * f))));
    return {
      bundle: {
        arrays,
        meta: {
          count: rows.count,
          truncated: scored.truncated,
          unscored: scored.tokens.reduce((count, tokens) => count + Number(tokens === 0), 0),
        },
      },
      facts: { texts: texts.length },
    };
  } finally {
    await model.dispose();
  }
}

export interface TextLosses {
  /** (n) nats per token. */
  readonly loss: Float64Array;
  /** (n) tokens scored. */
  readonly tokens: Int32Array;
  /** Texts cut at the model's context. */
  readonly truncated: number;
}

/**
 * Mean loss per token of each text. A text of fewer than two tokens has no conditional token and so no loss: it gets the
 * median of the others, which says nothing either way (0 would be the strongest sign of membership there is).
 */
export async function textLosses(
  model: OpenLanguageModel,
  texts: readonly string[],
  context: Pick<TaskContext, 'signal'>,
  onProgress: (fraction: number) => void,
): Promise<TextLosses> {
  const loss = new Float64Array(texts.length);
  const tokens = new Int32Array(texts.length);
  const limit = model.inspected.contextLength ?? Number.POSITIVE_INFINITY;
  let truncated = 0;
  for (let start = 0; start < texts.length; start += textsPerBatch) {
    context.signal.throwIfAborted();
    const sequences = texts.slice(start, start + textsPerBatch).map((text) => {
      const ids = model.encode(text);
      if (ids.length > limit) truncated += 1;
      return ids.subarray(0, Math.min(ids.length, limit));
    });
    const scorable = sequences.filter((ids) => ids.length >= 2);
    const sums = await model.sequenceLoss(scorable);
    let at = 0;
    sequences.forEach((ids, i) => {
      tokens[start + i] = Math.max(0, ids.length - 1);
      loss[start + i] = ids.length < 2 ? Number.NaN : sums[at++] / (ids.length - 1);
    });
    onProgress(Math.min(1, (start + textsPerBatch) / texts.length));
  }
  return { loss: withMedianForMissing(loss), tokens, truncated };
}

async function windowSignals(
  model: OpenLanguageModel,
  texts: readonly string[],
  task: TaskSpec,
  context: TaskContext,
  onProgress: (fraction: number) => void,
): Promise<Record<string, NdArray>> {
  const prefix = Number(task.params.prefixTokens);
  const suffix = Number(task.params.suffixTokens);
  const width = prefix + suffix;
  const n = texts.length;
  const kept = Math.min(keptTokens, model.inspected.vocabularySize ?? keptTokens);
  const valid = new Uint8Array(n);
  const tokens = new Int32Array(n * width);
  const logProbability = new Float64Array(n * width).fill(Number.NaN);
  const rank = new Int32Array(n * width);
  const top = new Float32Array(n * suffix * kept).fill(Number.NaN);
  const bos = Int32Array.from(model.bosTokens);
  for (let start = 0; start < n; start += textsPerBatch) {
    context.signal.throwIfAborted();
    const windows: { readonly row: number; readonly ids: Int32Array }[] = [];
    for (let row = start; row < Math.min(n, start + textsPerBatch); row += 1) {
      const ids = model.encode(texts[row], { special: false });
      if (ids.length < width) continue;
      const room = ids.length - width;
      const at = room === 0 ? 0 : createRandom(deriveSeed(task.seed, 'window', row)).integer(room + 1);
      windows.push({ row, ids: ids.slice(at, at + width) });
    }
    const signals = await model.tokenSignals(
      windows.map(({ ids }) => Int32Array.from([...bos, ...ids])),
      { topK: kept, signal: context.signal },
    );
    signals.forEach((signal, i) => {
      const { row, ids } = windows[i];
      valid[row] = 1;
      tokens.set(ids, row * width);
      logProbability.set(signal.logProbability.subarray(bos.length), row * width);
      rank.set(signal.rank.subarray(bos.length), row * width);
      top.set(signal.topLogProbabilities.subarray((bos.length + prefix) * kept), row * suffix * kept);
    });
    onProgress(Math.min(1, (start + textsPerBatch) / n));
  }
  return {
    'window.valid': vector(valid),
    'window.tokens': { data: tokens, shape: [n, width] },
    'window.logProbability': { data: logProbability, shape: [n, width] },
    'window.rank': { data: rank, shape: [n, width] },
    'window.top': { data: top, shape: [n, suffix, kept] },
  };
}

function vector(data: NdArray['data']): NdArray {
  return { data, shape: [data.length] };
}
