import { EngramError } from '@engram/domain';
import type { Engine, Session } from '@engram/engine';
import { deriveSeed } from '@engram/numeric';
import { slotState } from '../bank/apply-gradients.js';
import { type BatchPlan, groupByLength, planBatches } from '../bank/batch-plan.js';
import { lossTrace } from '../bank/loss-trace.js';
import { momentsOf } from '../bank/moments.js';
import { learningRateAt } from '../bank/schedule.js';
import { sizeOf } from '../network/initializers.js';
import { initialLlamaWeights } from './initial-weights.js';
import { byLength, checkSequences, paddedLengths } from './lengths.js';
import { plainGraphMode, rotaryData, weightState } from './llama-session.js';
import { scoringProgram } from './scoring.js';
import { trainedLlamaWeights, trainingProgram } from './train-programs.js';
import type {
  LanguageBankModel,
  LanguageBankRequest,
  LanguageBankResult,
  LanguageEvaluation,
  TrainedLanguageModel,
} from './train-request.js';
import type { LlamaWeights } from './weights.js';

const evaluationTokens = 8192;
const breathMs = 200;

/**
 * Trains Llama models by one recipe, one after another in one session: from scratch, or on from given weights. Loss: mean
 * cross-entropy over the real next tokens of a batch. Batches hold sequences of like length.
 *
 * @throws ENG_SHAPE_MISMATCH a sequence shorter than two tokens or longer than the context, or a mask of another length.
 * ENG_DATA_MODEL_MISMATCH token ids outside the vocabulary. ENG_INSUFFICIENT_SAMPLES an empty mask. ENG_VALUES_NOT_FINITE
 * training diverged. ENG_AUDIT_CANCELLED. ENG_INTERNAL a recipe that augments.
 */
export async function trainLanguageModels(engine: Engine, request: LanguageBankRequest): Promise<LanguageBankResult> {
  checkRequest(request);
  const { recipe, sequences } = request;
  const lengths = sequences.map((sequence) => sequence.length);
  const plans = request.models.map((model) =>
    planBatches(
      model.trainedOn,
      recipe.batchSize,
      { epochs: recipe.epochs, ...(request.steps === undefined ? {} : { steps: request.steps }) },
      model.batchSeed ?? deriveSeed(model.seed, 'order'),
      groupByLength(lengths, recipe.batchSize),
    ),
  );
  const padded = paddedLengths(lengths);
  const session = openTrainingSession(engine, request, padded);
  const run: TrainingRun = {
    session,
    request,
    padded,
    tokens: 0,
    trainingMs: 0,
    stepsDone: 0,
    breathAt: performance.now(),
    stepsPlanned: plans.reduce((sum, plan) => sum + plan.steps, 0),
  };
  try {
    const models: TrainedLanguageModel[] = [];
    for (const [index, model] of request.models.entries()) models.push(await trainOne(run, model, plans[index]!));
    const mode = Object.values(session.report.programs)[0]!.mode;
    return { models, facts: { tokensPerSecond: (run.tokens / run.trainingMs) * 1000, mode } };
  } finally {
    session.dispose();
  }
}

interface TrainingRun {
  readonly session: Session;
  readonly request: LanguageBankRequest;
  /** Ascending lengths batches are padded to. */
  readonly padded: readonly number[];
  tokens: number;
  trainingMs: number;
  stepsDone: number;
  breathAt: number;
  readonly stepsPlanned: number;
}

function openTrainingSession(
  engine: Engine,
  { config, recipe, models, evaluate }: LanguageBankRequest,
  padded: readonly number[],
): Session {
  const mode = plainGraphMode(engine, config);
  const hasNoise = models.some((model) => model.noise !== undefined);
  const evaluated = evaluate === undefined ? [] : paddedLengths(evaluate.sequences.map((sequence) => sequence.length));
  return engine.session({
    name: 'language model training',
    state: { ...weightState(initialLlamaWeights(config, 0)), ...slotState(recipe, trainedLlamaWeights(config), []) },
    data: rotaryData(config),
    programs: Object.fromEntries([
      ...padded.map(
        (length) =>
          [`train ${length}`, trainingProgram(config, recipe, recipe.batchSize, length, hasNoise, mode)] as const,
      ),
      ...evaluated.map(
        (length) => [`evaluate ${length}`, scoringProgram(config, evaluationBatch(length), length, 0, mode)] as const,
      ),
    ]),
  });
}

function evaluationBatch(length: number): number {
  return Math.max(1, Math.floor(evaluationTokens / length));
}

async function trainOne(run: TrainingRun, model: LanguageBankModel, plan: BatchPlan): Promise<TrainedLanguageModel> {
  const { session, request } = run;
  const { config, recipe, evaluate } = request;
  start(run, model.initialWeights ?? initialLlamaWeights(config, model.seed));
  const moments = momentsOf(evaluate?.at, plan);
  const evaluations: LanguageEvaluation[] = [];
  const trace = lossTrace(plan);
  const noiseSeed = deriveSeed(model.noise?.seed ?? 0, 'noise') | 0;
  const batch = new Int32Array(recipe.batchSize);
  for (let step = 0; ; step++) {
    if (moments.has(step)) evaluations.push({ step, loss: await evaluateNow(run) });
    if (step === plan.steps) break;
    const started = performance.now();
    const indices = batch.subarray(0, plan.fill(step, batch, 0));
    const { length, tokens, lengths, targets } = padBatch(run, indices);
    const { loss } = session.run(`train ${length}`, {
      tokens,
      lengths,
      learningRate: learningRateAt(recipe, step, plan.steps),
      noiseSeed: [noiseSeed, step],
      noiseStd: model.noise?.std ?? 0,
      clip: model.noise?.clip ?? 1e30,
    });
    trace.add(step, loss!.data[0]!, targets);
    run.tokens += targets;
    run.trainingMs += performance.now() - started;
    run.stepsDone += 1;
    await breathe(run);
  }
  const names = trainedLlamaWeights(config).map(({ name }) => name);
  return {
    weights: session.readState(names) as unknown as LlamaWeights,
    steps: plan.steps,
    trainLoss: trace.means(),
    evaluations,
  };
}

/** Loads weights and clears the optimizer. */
function start({ session, request }: TrainingRun, weights: LlamaWeights): void {
  for (const [name, { data }] of Object.entries(weights)) session.writeState({ [name]: data });
  for (const [name, { shape, initial }] of Object.entries(
    slotState(request.recipe, trainedLlamaWeights(request.config), []),
  ))
    session.writeState({ [name]: initial ?? new Float32Array(sizeOf(shape)) });
}

function padBatch({ request, padded }: TrainingRun, indices: Int32Array) {
  const { sequences, recipe } = request;
  const longest = indices.reduce((most, index) => Math.max(most, sequences[index]!.length), 0);
  const length = padded.find((each) => longest <= each)!;
  const tokens = new Int32Array(recipe.batchSize * length);
  const lengths = new Int32Array(recipe.batchSize);
  let targets = 0;
  indices.forEach((index, row) => {
    const sequence = sequences[index]!;
    tokens.set(sequence, row * length);
    lengths[row] = sequence.length;
    targets += sequence.length - 1;
  });
  return { length, tokens, lengths, targets };
}

/** Lets the event loop turn from time to time, for progress and cancellation. */
async function breathe(run: TrainingRun): Promise<void> {
  const { onProgress, signal } = run.request;
  if (performance.now() - run.breathAt > breathMs) {
    onProgress?.(run.stepsDone / run.stepsPlanned);
    await new Promise((resolve) => setImmediate(resolve));
    run.breathAt = performance.now();
  }
  if (signal?.aborted) throw new EngramError('ENG_AUDIT_CANCELLED', 'training was stopped on request');
}

async function evaluateNow(run: TrainingRun): Promise<Float64Array> {
  const { session, request } = run;
  const { sequences } = request.evaluate!;
  const lengths = sequences.map((sequence) => sequence.length);
  const losses = new Float64Array(sequences.length);
  for (const [length, indices] of byLength(lengths, paddedLengths(lengths))) {
    const batch = evaluationBatch(length);
    for (let begin = 0; begin < indices.length; begin += batch) {
      const tokens = new Int32Array(batch * length);
      const rows = indices.slice(begin, begin + batch);
      rows.forEach((index, row) => {
        tokens.set(sequences[index]!, row * length);
      });
      await breathe(run);
      const { data } = session.run(`evaluate ${length}`, { tokens }).logProbability!;
      rows.forEach((index, row) => {
        for (let position = 0; position < lengths[index]! - 1; position++)
          losses[index]! -= data[row * (length - 1) + position]!;
      });
    }
  }
  return losses;
}

function checkRequest({ config, sequences, models, evaluate, recipe }: LanguageBankRequest): void {
  if (recipe.augmentation.length > 0)
    throw new EngramError('ENG_INTERNAL', `texts cannot be augmented by ${recipe.augmentation.join(' and ')}`);
  for (const list of [sequences, evaluate?.sequences ?? []]) {
    checkSequences(list, config.vocabularySize, config.contextLength);
    const short = list.findIndex((sequence) => sequence.length < 2);
    if (short >= 0)
      throw new EngramError(
        'ENG_SHAPE_MISMATCH',
        `sequence ${short} has ${list[short]!.length} tokens, at least two are needed`,
        {
          remedy: 'Leave such texts out: they have nothing to predict.',
        },
      );
  }
  for (const { trainedOn } of models)
    if (trainedOn.length !== sequences.length)
      throw new EngramError(
        'ENG_SHAPE_MISMATCH',
        `a mask covers ${trainedOn.length} sequences, there are ${sequences.length}`,
      );
}
