import type { Engine } from '@engram/engine';
import { type BankSession, openBankSession } from './bank-session.js';
import { type BatchPlan, planBatches } from './batch-plan.js';
import { checkRequest } from './check-request.js';
import { initialWeights } from './initial-weights.js';
import { type BankLayout, chooseLayout } from './layout.js';
import { lossTrace } from './loss-trace.js';
import { momentsOf } from './moments.js';
import { evaluationOf, recordOf } from './observations.js';
import { type Progress, watch } from './progress.js';
import type { BankEvaluation, BankRecord, BankRequest, BankResult, Labels, TrainedModel } from './request.js';
import { feedsOf, type SeededModel, withSeeds } from './step-feeds.js';

/**
 * Trains models of one architecture by one recipe, each with its own training set, seed and order of batches: reference
 * banks, recorded trainings, retraining and noisy fine-tuning are all this function. What a model becomes depends on its
 * own entry alone, up to float32 rounding: not on its neighbours in the graph, nor on how many there are.
 *
 * @returns weights, loss traces, evaluations (float64, from logits or predictions) and per-sample records, in the order of the request.
 * @throws ENG_DATA_MODEL_MISMATCH inputs of another shape. ENG_SHAPE_MISMATCH labels or masks of another length.
 * ENG_LABEL_OUT_OF_RANGE. ENG_INSUFFICIENT_SAMPLES an empty mask. ENG_VALUES_NOT_FINITE training diverged.
 * ENG_AUDIT_CANCELLED the signal was aborted.
 */
export async function trainBank<L extends Labels>(
  engine: Engine,
  request: BankRequest<L>,
  layout: BankLayout = chooseLayout(engine, request),
): Promise<BankResult<L>> {
  checkRequest(request);
  const seeded = request.models.map((model) => withSeeds(model, request.recipe));
  const plans = seeded.map((model) =>
    planBatches(
      model.trainedOn,
      request.recipe.batchSize,
      { epochs: request.recipe.epochs, ...(request.steps === undefined ? {} : { steps: request.steps }) },
      model.batchSeed,
    ),
  );
  const bank = openBankSession(engine, request, layout);
  try {
    const progress = watch(request, plans);
    const trained: TrainedModel<Labels>[] = [];
    for (let first = 0; first < plans.length; first += layout.modelsPerGraph) {
      const group = seeded.slice(first, first + layout.modelsPerGraph);
      trained.push(
        ...(await trainGroup(bank, request, layout, group, plans.slice(first, first + group.length), progress)),
      );
    }
    return {
      // The request's labels decide which of the two kinds of evaluations and records these are.
      models: trained as readonly TrainedModel<L>[],
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

async function trainGroup(
  bank: BankSession,
  request: BankRequest<Labels>,
  layout: BankLayout,
  group: readonly SeededModel[],
  plans: readonly BatchPlan[],
  progress: Progress,
): Promise<TrainedModel<Labels>[]> {
  // Places without a model train nothing: their rate stays 0.
  const initial = group.map((model) => model.initialWeights ?? initialWeights(request.network, model.seed));
  bank.start(Array.from({ length: layout.modelsPerGraph }, (_, place) => initial[place] ?? initial[0]!));
  const lastStep = Math.max(...plans.map((plan) => plan.steps));
  const evaluateAt = plans.map((plan) => momentsOf(request.evaluate?.at, plan));
  const recordAt = plans.map((plan) => momentsOf(request.record?.at, plan));
  const events = [...new Set([...evaluateAt, ...recordAt].flatMap((moments) => [...moments]).concat(lastStep))].sort(
    (a, b) => a - b,
  );
  const evaluations: BankEvaluation<Labels>[][] = group.map(() => []);
  const records: BankRecord<Labels>[][] = group.map(() => []);
  const labels = Array.from({ length: layout.modelsPerGraph }, (_, place) => group[place]?.labels ?? request.labels);
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
      const outputs = await bank.evaluate(progress.breathe);
      evaluateAt.forEach((moments, place) => {
        if (moments.has(event))
          evaluations[place]!.push(
            evaluationOf(outputs, place, request.evaluate!.labels, Math.min(event, plans[place]!.steps)),
          );
      });
    }
    if (recordAt.some((moments) => moments.has(event))) {
      const { outputs, squaredNorms } = await bank.record(labels, progress.breathe);
      recordAt.forEach((moments, place) => {
        if (moments.has(event))
          records[place]!.push(
            recordOf(outputs, squaredNorms, place, labels[place]!, Math.min(event, plans[place]!.steps)),
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
