import { type ExposureParameters, passesPerSample } from '@engram/attacks';
import type { Json, Plan, TaskInput, TaskSpec } from '@engram/domain';
import { deriveSeed, sha256Hex } from '@engram/numeric';
import type { Decisions, MembershipDecisions } from '../decisions.js';
import { auditedRoles, describeDataset, describeModel, jsonArtifact, type ResolvedAudit } from '../resources.js';
import { secretsCompared } from './secrets-compared.js';
import { drawnMeasures, targetMeasures } from './target-measures.js';
import { makeTask } from './task-spec.js';

/** Reference models per task: enough to train well side by side, few enough to spread over workers and lose little. */
const classifiersPerTask = 8;
const languageModelsPerTask = 1;

export interface LaidOutPlan {
  readonly plan: Plan;
  /** Documents the tasks refer to by digest: to be stored before anything is queued. */
  readonly artifacts: readonly Uint8Array[];
}

/** Lays out the tasks of a checked audit. Pure: the same audit and decisions give the same keys. */
export function planAudit(audit: ResolvedAudit, decisions: Decisions): LaidOutPlan {
  return new Layout(audit, decisions).finish();
}

class Layout {
  private readonly audit: ResolvedAudit;
  private readonly decisions: Decisions;
  private readonly tasks = new Map<string, TaskSpec>();
  private readonly artifacts: Uint8Array[] = [];
  private readonly targetInputs: Record<string, TaskInput>;
  private readonly datasetInputs: Record<string, TaskInput> = {};
  /** Of those, the samples being judged. */
  private readonly judgedInputs: Record<string, TaskInput> = {};

  constructor(audit: ResolvedAudit, decisions: Decisions) {
    this.audit = audit;
    this.decisions = decisions;
    for (const role of [...auditedRoles(audit.datasets), 'population'] as const) {
      const dataset = audit.datasets[role];
      if (dataset === undefined) continue;
      this.datasetInputs[role] = this.document(describeDataset(dataset));
      if (role !== 'population') this.judgedInputs[role] = this.datasetInputs[role];
    }
    this.targetInputs = audit.model === undefined ? {} : { model: this.document(describeModel(audit.model)) };
  }

  finish(): LaidOutPlan {
    const { request, auditId, target } = this.audit;
    const inputs: Record<string, TaskInput> = { ...this.targetInputs, ...this.datasetInputs };
    const signals = target === 'languageModel' ? this.tokenSignals() : this.signals();
    if (this.decisions.membership !== null) inputs.membership = this.membership(signals);
    if (this.decisions.extraction !== null) Object.assign(inputs, this.extraction(signals));
    if (this.decisions.difficulty !== null) Object.assign(inputs, this.difficulty());
    if (this.decisions.labelMemorization !== null) inputs.labelMemorization = this.labelMemorization();
    inputs.signals = signals;
    const { canaries } = this.audit.datasets;
    if (canaries !== undefined) inputs.canaries = this.document(describeDataset(canaries));
    const root = this.add({
      kind: 'write-report',
      inputs,
      params: {
        auditId,
        name: request.name,
        request: request as unknown as Json,
        decisions: this.decisions as unknown as Json,
        target,
      },
      seed: request.seed,
      units: this.samples / 1000,
    });
    return { plan: { tasks: [...this.tasks.values()], root: keyOf(root) }, artifacts: this.artifacts };
  }

  /** Samples judged. */
  private get samples(): number {
    return this.audit.members + this.audit.nonMembers;
  }

  /** Work of one pass of the target over one sample, in millions of parameters touched; at least a thousandth. */
  private get passCost(): number {
    const { model, datasets } = this.audit;
    if (model === undefined) return 0.001;
    const { parameterCount, task, contextLength } = model.inspected;
    const longest = Math.max(
      ...Object.values(datasets).map((dataset) => {
        const text = dataset.inspected.fields.text;
        return text?.kind === 'text' ? text.longestBytes / 3 : 1;
      }),
    );
    const tokens = task === 'causal-lm' ? Math.min(contextLength ?? 1024, Math.max(1, longest)) : 1;
    return Math.max(0.001, (parameterCount * tokens) / 1e6);
  }

  private seed(...labels: (string | number)[]): number {
    return deriveSeed(this.audit.request.seed, ...labels);
  }

  private document(value: unknown): TaskInput {
    const bytes = jsonArtifact(value);
    this.artifacts.push(bytes);
    return { artifact: sha256Hex(bytes) };
  }

  private add(draft: Parameters<typeof makeTask>[0]): TaskInput {
    const task = makeTask(draft);
    this.tasks.set(task.key, task);
    return { task: task.key };
  }

  private signals(): TaskInput {
    return this.add({
      kind: 'collect-signals',
      inputs: { ...this.targetInputs, ...this.datasetInputs },
      params: {},
      seed: 0,
      units: this.samples * this.passCost,
    });
  }

  private tokenSignals(): TaskInput {
    const prefixSuffix = this.decisions.extraction?.prefixSuffix ?? null;
    const { prefixTokens, suffixTokens, maxRecords } = (prefixSuffix ?? {}) as { [name: string]: Json };
    const window: { [name: string]: Json } = prefixSuffix === null ? {} : { prefixTokens, suffixTokens, maxRecords };
    return this.add({
      kind: 'collect-token-signals',
      inputs: { ...this.targetInputs, ...this.datasetInputs },
      params: window,
      seed: 0,
      units: this.samples * this.passCost,
    });
  }

  /** Depends on the samples alone, so an audit with other tests or another model of the same samples finds it done. */
  private blindBaseline(): TaskInput {
    return this.add({
      kind: 'score-blind-baseline',
      inputs: this.judgedInputs,
      params: { confidence: this.audit.request.confidence },
      seed: this.seed('blind-baseline'),
      units: this.samples / 1000,
    });
  }

  private membership(signals: TaskInput): TaskInput {
    const decisions = this.decisions.membership!;
    const blind = this.blindBaseline();
    const inputs: Record<string, TaskInput> = { ...this.targetInputs, ...this.judgedInputs, signals, blind };
    this.references(decisions.referenceModels).forEach((task, i) => {
      inputs[`reference.${String(i).padStart(3, '0')}`] = task;
    });
    this.measures(decisions.attacks).forEach((task, i) => {
      inputs[`measure.${String(i).padStart(3, '0')}`] = task;
    });
    return this.add({
      kind: 'score-membership',
      inputs,
      params: {
        attacks: decisions.attacks as unknown as Json,
        skipped: decisions.skipped as unknown as Json,
        fpr: decisions.fpr,
        confidence: this.audit.request.confidence,
        recipe: this.decisions.recipe as unknown as Json,
      },
      seed: this.seed('score-membership'),
      units: (this.samples * decisions.attacks.length) / 1000,
    });
  }

  /** What attacks ask of the target beyond a pass over the samples: attacks that ask the same share the task. */
  private measures(attacks: MembershipDecisions['attacks']): TaskInput[] {
    return targetMeasures(attacks).map((measure) =>
      this.add({
        kind: 'measure-target',
        // A population is another question's business: with another one, the answers stay.
        inputs: {
          ...this.targetInputs,
          ...(measure.kind === 'linearStatistics' ? this.datasetInputs : this.judgedInputs),
        },
        params: { measure: measure as unknown as Json },
        seed: drawnMeasures.has(measure.kind) ? this.seed('measure-target') : 0,
        units: this.samples * passesPerSample(measure) * this.passCost,
      }),
    );
  }

  /** Reference models in groups, each a task of its own. A model's mask and seed depend on its number alone. */
  private references(count: number): TaskInput[] {
    const perTask = this.audit.target === 'languageModel' ? languageModelsPerTask : classifiersPerTask;
    const tasks: TaskInput[] = [];
    for (let from = 0; from < count; from += perTask) {
      const size = Math.min(perTask, count - from);
      tasks.push(
        this.add({
          kind: 'train-reference',
          inputs: { ...this.targetInputs, ...this.datasetInputs },
          params: { recipe: this.decisions.recipe!.recipe as unknown as Json, from, count: size },
          seed: this.seed('reference-models'),
          units: ((size * this.samples) / 2) * this.decisions.recipe!.recipe.epochs * this.passCost,
        }),
      );
    }
    return tasks;
  }

  private extraction(signals: TaskInput): Record<string, TaskInput> {
    const { prefixSuffix, exposure, texts } = this.decisions.extraction!;
    const { confidence } = this.audit.request;
    const tasks: Record<string, TaskInput> = {};
    if (prefixSuffix !== null)
      tasks.extraction = this.add({
        kind: 'score-extraction',
        inputs: { ...this.targetInputs, ...this.judgedInputs, signals, blind: this.blindBaseline() },
        params: { ...prefixSuffix, texts, confidence },
        seed: this.seed('score-extraction'),
        units: this.samples / 1000,
      });
    if (exposure !== null) {
      const canaries = this.audit.datasets.canaries!;
      tasks.exposure = this.add({
        kind: 'score-exposure',
        inputs: { ...this.targetInputs, canaries: this.document(describeDataset(canaries)) },
        params: { ...exposure, confidence },
        seed: this.seed('score-exposure'),
        units: canaries.inspected.count * secretsCompared(exposure as unknown as ExposureParameters) * this.passCost,
      });
    }
    return tasks;
  }

  private difficulty(): Record<string, TaskInput> {
    const { estimators, source, checkpoints, verify } = this.decisions.difficulty!;
    const { recipe } = this.decisions.recipe!;
    const members = this.audit.members;
    const shared = { ...this.targetInputs, ...this.datasetInputs };
    const recorded = this.add({
      kind: 'train-recorded',
      inputs: shared,
      params: { recipe: recipe as unknown as Json, source, checkpoints },
      seed: this.seed('recorded-training'),
      units: members * (source === 'recordedTraining' ? checkpoints : recipe.epochs) * this.passCost,
    });
    const difficulty = this.add({
      kind: 'estimate-difficulty',
      inputs: { ...shared, recorded },
      params: { estimators: estimators as unknown as Json, recipe: recipe as unknown as Json, source },
      seed: this.seed('estimate-difficulty'),
      units: members / 1000,
    });
    if (verify === null) return { difficulty };
    const runs = verify.forgetSets * (verify.retrainSeeds * (recipe.epochs + verify.epochs) + verify.epochs);
    const probe = this.add({
      kind: 'probe-unlearning',
      inputs: { ...shared, difficulty },
      params: { ...verify, recipe: recipe as unknown as Json, confidence: this.audit.request.confidence },
      seed: this.seed('probe-unlearning'),
      units: runs * members * this.passCost,
    });
    return { difficulty, probe };
  }

  private labelMemorization(): TaskInput {
    const { randomLabels, noisyLabels, reviewShare, earlyLearning } = this.decisions.labelMemorization!;
    const chosen = this.decisions.recipe!;
    const shared = { ...this.targetInputs, ...this.judgedInputs };
    const train = (protocol: string, settings: { readonly [name: string]: Json }, modelEpochs: number) =>
      this.add({
        kind: 'train-label-noise',
        inputs: shared,
        params: { protocol, ...settings, recipe: chosen.recipe as unknown as Json },
        seed: this.seed('label-noise', protocol),
        units: modelEpochs * this.audit.members * this.passCost,
      });
    const inputs: Record<string, TaskInput> = { ...this.judgedInputs };
    if (randomLabels !== null) {
      const { corruption, seeds, epochs } = randomLabels;
      inputs.randomLabels = train('randomLabels', randomLabels, corruption.length * seeds * epochs);
    }
    if (noisyLabels !== null) {
      const { flip, runs, epochs } = noisyLabels;
      // Every sample's gradient after every epoch costs about as much again as the training.
      inputs.noisyLabels = train('noisyLabels', { flip, runs }, 2 * 2 * runs * epochs);
    }
    return this.add({
      kind: 'score-label-memorization',
      inputs,
      params: {
        reviewShare,
        earlyLearning,
        recipe: chosen as unknown as Json,
        confidence: this.audit.request.confidence,
      },
      seed: this.seed('score-label-memorization'),
      units: this.audit.members / 1000,
    });
  }
}

function keyOf(input: TaskInput): string {
  return 'task' in input ? input.task : input.artifact;
}
