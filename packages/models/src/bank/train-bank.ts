import { EngramError, type NdArray } from '@engram/domain';
import type { Engine } from '@engram/engine';
import { deriveSeed, logSoftmaxRow, lossFromLogits, scaledConfidenceFromLogits } from '@engram/numeric';
import { initialise, sizeOf } from '../network/initializers.js';
import type { Network } from '../network/network.js';
import { type BankLayout, type BankSession, openBankSession, type StepFeeds } from './bank-session.js';
import { type BatchPlan, planBatches } from './batch-plan.js';
import { chooseLayout } from './layout.js';
import { momentsOf } from './moments.js';
import type {
  BankEvaluation,
  BankModel,
  BankRecord,
  BankRequest,
  BankResult,
  ModelWeights,
  TrainedModel,
} from './request.js';
import { learningRateAt } from './schedule.js';

/** Milliseconds of work between chances for the event loop: progress, cancellation. */
const breathMs = 200;

/**
 * Trains models of one architecture by one recipe, each with its own training set, seed and order of batches: reference
 * banks, recorded trainings, retraining and noisy fine-tuning are all this function. What a model becomes depends on its
 * own entry alone, up to float32 rounding: not on its neighbours in the graph, nor on how many there are.
 *
 * @returns weights, loss traces, evaluations (float64, from logits) and per-sample records, in the order of the request.
 * @throws ENG_DATA_MODEL_MISMATCH inputs of another shape. ENG_SHAPE_MISMATCH labels or masks of another length.
 * ENG_LABEL_OUT_OF_RANGE. ENG_INSUFFICIENT_SAMPLES an empty mask. ENG_VALUES_NOT_FINITE training diverged.
 * ENG_AUDIT_CANCELLED the signal was aborted.
 */
export async function trainBank(
  engine: Engine,
  request: BankRequest,
  layout: BankLayout = chooseLayout(engine, request),
): Promise<BankResult> {
  checkRequest(request);
  const plans = request.models.map((model) =>
    planBatches(
      model.trainedOn,
      request.recipe.batchSize,
      { epochs: request.recipe.epochs, ...(request.steps === undefined ? {} : { steps: request.steps }) },
      model.batchSeed ?? deriveSeed(model.seed, 'order'),
    ),
  );
  const bank = openBankSession(engine, request, layout);
  try {
    const progress = watch(request, plans);
    const seeded = request.models.map((model) => ({
      ...model,
      dropoutSeed: deriveSeed(model.seed, 'dropout') | 0,
      noiseSeed: deriveSeed(model.noise?.seed ?? 0, 'noise') | 0,
    }));
    const trained: TrainedModel[] = [];
    for (let first = 0; first < plans.length; first += layout.modelsPerGraph) {
      const group = seeded.slice(first, first + layout.modelsPerGraph);
      trained.push(
        ...(await trainGroup(bank, request, layout, group, plans.slice(first, first + group.length), progress)),
      );
    }
    return {
      models: trained,
      facts: {
        modelsPerGraph: layout.modelsPerGraph,
        stepsPerCall: layout.stepsPerCall,
        sampleStepsPerSecond: progress.sampleStepsPerSecond(),
        mode: bank.session.report.programs.step!.mode,
      },
    };
  } finally {
    bank.dispose();
  }
}

/** A model with the first halves of its random streams, as int32; the second half is the step. */
interface SeededModel extends BankModel {
  readonly dropoutSeed: number;
  readonly noiseSeed: number;
}

async function trainGroup(
  bank: BankSession,
  request: BankRequest,
  layout: BankLayout,
  group: readonly SeededModel[],
  plans: readonly BatchPlan[],
  progress: Progress,
): Promise<TrainedModel[]> {
  // Places without a model train nothing: their rate stays 0.
  const initial = group.map((model) => model.initialWeights ?? initialWeights(request.network, model.seed));
  bank.start(Array.from({ length: layout.modelsPerGraph }, (_, place) => initial[place] ?? initial[0]!));
  const lastStep = Math.max(...plans.map((plan) => plan.steps));
  const evaluateAt = plans.map((plan) => momentsOf(request.evaluate?.at, plan));
  const recordAt = plans.map((plan) => momentsOf(request.record?.at, plan));
  const events = [...new Set([...evaluateAt, ...recordAt].flatMap((moments) => [...moments]).concat(lastStep))].sort(
    (a, b) => a - b,
  );
  const evaluations: BankEvaluation[][] = group.map(() => []);
  const records: BankRecord[][] = group.map(() => []);
  const traces = plans.map((plan) => lossTrace(plan));

  let step = 0;
  for (const event of events) {
    while (step < event) {
      const steps = event - step >= layout.stepsPerCall ? layout.stepsPerCall : 1;
      const feeds = feedsOf(request, layout, group, plans, step, steps);
      const losses = bank.step(feeds, steps);
      traces.forEach((trace, place) => {
        for (let at = 0; at < steps; at++)
          trace.add(
            step + at,
            losses[at * layout.modelsPerGraph + place]!,
            feeds.counts[at * layout.modelsPerGraph + place]!,
          );
      });
      step += steps;
      await progress.advance(feeds.counts);
    }
    if (evaluateAt.some((moments) => moments.has(event))) {
      const logits = await bank.evaluate(progress.breathe);
      evaluateAt.forEach((moments, place) => {
        if (moments.has(event))
          evaluations[place]!.push(
            evaluationOf(logits, place, request.evaluate!.labels, Math.min(event, plans[place]!.steps)),
          );
      });
    }
    if (recordAt.some((moments) => moments.has(event))) {
      const { logits, squaredNorms } = await bank.record(progress.breathe);
      recordAt.forEach((moments, place) => {
        if (moments.has(event))
          records[place]!.push(
            recordOf(logits, squaredNorms, place, request.labels, Math.min(event, plans[place]!.steps)),
          );
      });
    }
    await progress.breathe();
  }
  const weights = bank.weights();
  return group.map((_, place) => ({
    weights: weights[place]!,
    steps: plans[place]!.steps,
    trainLoss: traces[place]!.means(),
    evaluations: evaluations[place]!,
    records: records[place]!,
  }));
}

function feedsOf(
  request: BankRequest,
  layout: BankLayout,
  group: readonly SeededModel[],
  plans: readonly BatchPlan[],
  first: number,
  steps: number,
): StepFeeds {
  const { recipe } = request;
  const { modelsPerGraph } = layout;
  const cells = steps * modelsPerGraph;
  const feeds = {
    indices: new Int32Array(cells * recipe.batchSize),
    counts: new Int32Array(cells),
    learningRates: new Float32Array(cells),
    dropoutSeeds: new Int32Array(cells * 2),
    noiseSeeds: new Int32Array(cells * 2),
    noiseStd: new Float32Array(modelsPerGraph),
    clip: new Float32Array(modelsPerGraph).fill(1e30),
  };
  for (let at = 0; at < steps; at++) {
    const step = first + at;
    group.forEach((model, place) => {
      const plan = plans[place]!;
      if (step >= plan.steps) return;
      const cell = at * modelsPerGraph + place;
      feeds.counts[cell] = plan.fill(step, feeds.indices, cell * recipe.batchSize);
      feeds.learningRates[cell] = learningRateAt(recipe, step, plan.steps);
      feeds.dropoutSeeds.set([model.dropoutSeed, step], cell * 2);
      feeds.noiseSeeds.set([model.noiseSeed, step], cell * 2);
    });
  }
  group.forEach(({ noise }, place) => {
    feeds.noiseStd[place] = noise?.std ?? 0;
    if (noise?.clip !== undefined) feeds.clip[place] = noise.clip;
  });
  return feeds;
}

/** Weights drawn by the layers' own initializers; each weight has a stream of its own. */
export function initialWeights(network: Network, seed: number): ModelWeights {
  return Object.fromEntries(
    network.weights.map((weight, index) => [
      weight.savedName,
      initialise(weight.initializer, weight.shape, deriveSeed(seed, 'initial weights', index)),
    ]),
  );
}

/** Mean loss over the samples of each epoch. */
function lossTrace(plan: BatchPlan) {
  const epochs = Math.ceil(plan.steps / plan.stepsPerEpoch);
  const sums = new Float64Array(epochs);
  const counts = new Float64Array(epochs);
  return {
    add(step: number, loss: number, count: number) {
      if (step >= plan.steps) return;
      if (!Number.isFinite(loss))
        throw new EngramError(
          'ENG_VALUES_NOT_FINITE',
          `training diverged: the loss of step ${step} of ${plan.steps} is ${loss}`,
          {
            remedy:
              'Check that the recipe is the one the target was trained by; a smaller learning rate usually helps.',
            details: { step, steps: plan.steps },
          },
        );
      const epoch = Math.floor(step / plan.stepsPerEpoch);
      sums[epoch]! += loss * count;
      counts[epoch]! += count;
    },
    means: () => sums.map((sum, epoch) => sum / counts[epoch]!),
  };
}

function rowsOf({ data, shape }: NdArray<Float32Array>, place: number): NdArray<Float32Array> {
  const size = sizeOf(shape.slice(1));
  return { data: data.subarray(place * size, (place + 1) * size), shape: shape.slice(1) };
}

function evaluationOf(logits: NdArray<Float32Array>, place: number, labels: Int32Array, step: number): BankEvaluation {
  const rows = rowsOf(logits, place);
  return {
    step,
    loss: lossFromLogits(rows, labels),
    scaledConfidence: scaledConfidenceFromLogits(rows, labels),
    correct: correctness(rows, labels),
  };
}

function recordOf(
  logits: NdArray<Float32Array>,
  squaredNorms: NdArray<Float32Array>,
  place: number,
  labels: Int32Array,
  step: number,
): BankRecord {
  const rows = rowsOf(logits, place);
  return {
    step,
    gradientNorm: Float64Array.from(rowsOf(squaredNorms, place).data, Math.sqrt),
    loss: lossFromLogits(rows, labels),
    el2n: el2n(rows, labels),
    correct: correctness(rows, labels),
  };
}

function correctness({ data, shape }: NdArray<Float32Array>, labels: Int32Array): Uint8Array {
  const classes = shape[1]!;
  return Uint8Array.from(labels, (label, row) => {
    const logits = data.subarray(row * classes, (row + 1) * classes);
    return Number(
      logits.every(
        (value, index) => value < logits[label]! || index === label || (value === logits[label]! && index > label),
      ),
    );
  });
}

/** Norm of the error of the predicted distribution, Paul et al. 2021. */
function el2n({ data, shape }: NdArray<Float32Array>, labels: Int32Array): Float64Array {
  const classes = shape[1]!;
  const logProbabilities = new Float64Array(classes);
  return Float64Array.from(labels, (label, row) => {
    logSoftmaxRow(data.subarray(row * classes, (row + 1) * classes), logProbabilities);
    return Math.hypot(...logProbabilities.map((value, index) => Math.exp(value) - Number(index === label)));
  });
}

interface Progress {
  advance(counts: Int32Array): Promise<void>;
  breathe(): Promise<void>;
  sampleStepsPerSecond(): number;
}

function watch(request: BankRequest, plans: readonly BatchPlan[]): Progress {
  const total = plans.reduce((sum, plan, index) => {
    const samples = request.models[index]!.trainedOn.reduce((count, each) => count + each, 0);
    return sum + (samples * plan.steps) / plan.stepsPerEpoch;
  }, 0);
  let done = 0;
  let trainingMs = 0;
  let last = performance.now();
  let breath = last;
  async function breathe(): Promise<void> {
    if (request.signal?.aborted) throw new EngramError('ENG_AUDIT_CANCELLED', 'training was stopped on request');
    if (performance.now() - breath > breathMs) {
      request.onProgress?.(Math.min(1, done / total));
      await new Promise((resolve) => setImmediate(resolve));
      breath = performance.now();
    }
    last = performance.now();
  }
  return {
    async advance(counts) {
      for (const count of counts) done += count;
      trainingMs += performance.now() - last;
      await breathe();
    },
    breathe,
    sampleStepsPerSecond: () => (done / trainingMs) * 1000,
  };
}

function checkRequest({ network, inputs, labels, models, evaluate }: BankRequest): void {
  for (const [what, array, truth] of [
    ['inputs', inputs, labels],
    ['evaluated inputs', evaluate?.inputs, evaluate?.labels],
  ] as const) {
    if (array === undefined || truth === undefined) continue;
    if (String(array.shape.slice(1)) !== String(network.inputShape))
      throw new EngramError(
        'ENG_DATA_MODEL_MISMATCH',
        `${what} have rows of shape [${array.shape.slice(1)}], the model takes [${network.inputShape}]`,
        {
          remedy: 'Give the rows the shape the model was trained on.',
        },
      );
    if (truth.length !== array.shape[0])
      throw new EngramError('ENG_SHAPE_MISMATCH', `${array.shape[0]} ${what}, ${truth.length} labels`);
    const outside = truth.findIndex((label) => label < 0 || label >= network.classCount);
    if (outside >= 0)
      throw new EngramError(
        'ENG_LABEL_OUT_OF_RANGE',
        `label ${truth[outside]} of row ${outside} is not one of the model's ${network.classCount} classes`,
        {
          remedy: 'Number the classes from 0 in the order of the model outputs.',
        },
      );
  }
  for (const { trainedOn } of models)
    if (trainedOn.length !== labels.length)
      throw new EngramError(
        'ENG_SHAPE_MISMATCH',
        `a mask covers ${trainedOn.length} samples, there are ${labels.length}`,
      );
}
