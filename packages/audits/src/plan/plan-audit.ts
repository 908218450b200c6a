import { type ExposureParameters, passesPerSample } from '@engram/attacks';
import type { Json, Plan, TaskInput, TaskSpec } from '@engram/domain';
import { deriveSeed, sha256Hex } from '@engram/numeric';
import type { ChosenAttack, Decisions, MembershipDecisions, MemorizationDecisions } from '../decisions.js';
import {
  auditedRoles,
  describeArchitecture,
  describeDataset,
  describeModel,
  jsonArtifact,
  judgedRoles,
  type ResolvedAudit,
} from '../resources.js';
import { classifiersPerTask } from './bank-size.js';
import { passCost } from './pass-cost.js';
import { secretsCompared } from './secrets-compared.js';
import { drawnMeasures, targetMeasures } from './target-measures.js';
import { makeTask } from './task-spec.js';

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
  /** Of those, the samples that are rows of the audit, and of these, those that are judged. */
  private readonly rowInputs: Record<string, TaskInput> = {};
  private readonly judgedInputs: Record<string, TaskInput> = {};

  constructor(audit: ResolvedAudit, decisions: Decisions) {
    this.audit = audit;
    this.decisions = decisions;
    for (const role of [...auditedRoles(audit.datasets), 'population'] as const) {
      const dataset = audit.datasets[role];
      if (dataset === undefined) continue;
      this.datasetInputs[role] = this.document(describeDataset(dataset));
      if (role !== 'population') this.rowInputs[role] = this.datasetInputs[role];
    }
    for (const role of judgedRoles(audit.datasets)) this.judgedInputs[role] = this.rowInputs[role];
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
    if (this.decisions.memorization !== null) Object.assign(inputs, this.memorization(signals));
    if (this.decisions.privacyBounds !== null) inputs.privacyBounds = this.privacyBounds(signals);
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

  /** Rows of the audit: samples judged, and those set aside. */
  private get rows(): number {
    return this.samples + (this.audit.datasets.calibration?.inspected.count ?? 0);
  }

  /** Samples one model is asked about: rows, and the population. */
  private get asked(): number {
    return this.rows + (this.audit.datasets.population?.inspected.count ?? 0);
  }

  private get passCost(): number {
    return passCost(this.audit.model, Object.values(this.audit.datasets));
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
      params: { queries: this.queries },
      seed: 0,
      units: this.asked * this.queries * this.passCost,
    });
  }

  /** Augmented forms of each sample that target and references are asked about; 1 = the sample alone. */
  private get queries(): number {
    return this.decisions.membership?.queries ?? 1;
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
      units: this.asked * this.passCost,
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
    const bank = numbered('reference', this.references(decisions));
    const scored = decisions.attacks.map((attack) => this.scores(attack, { ...this.rowInputs, signals, ...bank }));
    return this.add({
      kind: 'score-membership',
      inputs: {
        ...this.rowInputs,
        signals,
        blind,
        ...bank,
        ...numbered('retrained', this.retrainedTargets(decisions.retrainedTargets)),
        ...numbered('attack', scored),
      },
      params: {
        attacks: decisions.attacks as unknown as Json,
        skipped: decisions.skipped as unknown as Json,
        fpr: decisions.fpr,
        certify: decisions.certify,
        slices: decisions.slices,
        confidence: this.audit.request.confidence,
        recipe: this.decisions.recipe as unknown as Json,
      },
      seed: this.seed('score-membership'),
      units: (this.rows * decisions.attacks.length * (1 + decisions.retrainedTargets)) / 1000,
    });
  }

  /** One attack, and what it alone asks of the target. */
  private scores(attack: ChosenAttack, inputs: Readonly<Record<string, TaskInput>>): TaskInput {
    return this.add({
      kind: 'score-attack',
      inputs: { ...inputs, ...this.measures([attack]) },
      params: { attack: attack as unknown as Json, confidence: this.audit.request.confidence },
      seed: this.seed('score-membership'),
      units: this.rows / 1000,
    });
  }

  /** What attacks ask of the target beyond a pass over the samples: attacks that ask the same share the task. */
  private measures(attacks: MembershipDecisions['attacks']): Record<string, TaskInput> {
    const tasks = targetMeasures(attacks).map((measure) =>
      this.add({
        kind: 'measure-target',
        // A population is another question's business: with another one, the answers stay.
        inputs: {
          ...this.targetInputs,
          ...(measure.kind === 'linearStatistics' ? this.datasetInputs : this.rowInputs),
        },
        params: { measure: measure as unknown as Json },
        seed: drawnMeasures.has(measure.kind) ? this.seed('measure-target') : 0,
        units: this.rows * passesPerSample(measure) * this.passCost,
      }),
    );
    return numbered('measure', tasks);
  }

  /** Tasks that leave signals of reference models: of those given, each by itself, or of groups trained for this audit. */
  private references({ referenceModels, givenReferences, subsetFraction }: WantedReferences): TaskInput[] {
    if (givenReferences !== null) return this.givenReferences(givenReferences);
    const { model, target } = this.audit;
    if (model === undefined || referenceModels === 0) return [];
    if (target === 'languageModel')
      return this.trainedGroups(referenceModels, 1, { ...this.targetInputs, ...this.datasetInputs });
    const architecture = this.document(describeArchitecture(model));
    const perTask = classifiersPerTask(model.inspected.parameterCount);
    return this.trainedGroups(referenceModels, perTask, { architecture, ...this.rowInputs }, subsetFraction).map(
      (weights, i) => this.askedOfGroup(architecture, weights, Math.min(perTask, referenceModels - i * perTask)),
    );
  }

  /** What a group of models trained here says of every sample. */
  private askedOfGroup(architecture: TaskInput, weights: TaskInput, models: number): TaskInput {
    return this.add({
      kind: 'collect-reference-signals',
      inputs: { architecture, ...this.datasetInputs, weights },
      params: { queries: this.queries },
      seed: 0,
      units: models * this.asked * this.queries * this.passCost,
    });
  }

  /**
   * The target's recipe run again on the members, from other seeds. It reads nothing but what holds members: other
   * non-members, attacks or questions train nothing anew.
   */
  private retrainedTargets(count: number): TaskInput[] {
    if (count === 0) return [];
    const { recipe } = this.decisions.recipe!;
    const { parameterCount } = this.audit.model!.inspected;
    const architecture = this.document(describeArchitecture(this.audit.model!));
    const perTask = classifiersPerTask(parameterCount);
    const tasks: TaskInput[] = [];
    for (let from = 0; from < count; from += perTask) {
      const size = Math.min(perTask, count - from);
      const weights = this.add({
        kind: 'train-reference',
        inputs: { architecture, ...this.memberInputs },
        params: { recipe: recipe as unknown as Json, from, count: size, trainedOn: 'members' },
        seed: this.seed('retrained-targets'),
        units: size * this.audit.members * recipe.epochs * this.passCost,
      });
      tasks.push(this.askedOfGroup(architecture, weights, size));
    }
    return tasks;
  }

  /** The samples among which the members are: first of the rows, wherever they come from. */
  private get memberInputs(): Record<string, TaskInput> {
    const { members, auditSet } = this.rowInputs;
    return members === undefined ? { auditSet } : { members };
  }

  /**
   * Reference models to train, in groups, each a task of its own. A model's mask and seed depend on its number alone, and
   * a classifier's training on nothing that is only asked of it later: other attacks, queries or populations train nothing.
   */
  private trainedGroups(
    count: number,
    perTask: number,
    inputs: Readonly<Record<string, TaskInput>>,
    subsetFraction = 0.5,
  ): TaskInput[] {
    const { recipe } = this.decisions.recipe!;
    const tasks: TaskInput[] = [];
    for (let from = 0; from < count; from += perTask) {
      const size = Math.min(perTask, count - from);
      tasks.push(
        this.add({
          kind: 'train-reference',
          inputs,
          params: { recipe: recipe as unknown as Json, from, count: size, ...subsetParam(subsetFraction) },
          seed: this.seed('reference-models'),
          units: size * this.rows * subsetFraction * recipe.epochs * this.passCost,
        }),
      );
    }
    return tasks;
  }

  private givenReferences(trainedOn: 'none' | 'field'): TaskInput[] {
    return this.audit.references.map((reference, number) =>
      this.add({
        kind: 'collect-reference-signals',
        inputs: { model: this.document(describeModel(reference)), ...this.datasetInputs },
        params: { queries: this.queries, trainedOn, ...(trainedOn === 'field' ? { number } : {}) },
        seed: 0,
        units: this.asked * this.queries * passCost(reference, Object.values(this.audit.datasets)),
      }),
    );
  }

  /** Reads the bank that membership trains, or one like it: after a membership audit nothing is trained anew. */
  private memorization(signals: TaskInput): Record<string, TaskInput> {
    const decisions = this.decisions.memorization!;
    const { models, from, subsetFraction, onion } = decisions;
    const inputs: Record<string, TaskInput> = { ...this.datasetInputs, signals };
    const bank = this.references({
      referenceModels: from === 'trained' ? models : 0,
      givenReferences: from === 'given' ? 'field' : null,
      subsetFraction,
    });
    Object.assign(inputs, numbered('reference', bank));
    const memorization = this.add({
      kind: 'estimate-memorization',
      inputs,
      params: {
        decisions: decisions as unknown as Json,
        recipe: this.decisions.recipe as unknown as Json,
        confidence: this.audit.request.confidence,
      },
      seed: 0,
      units: (this.asked * models) / 1000,
    });
    return { memorization, ...(onion === null ? {} : this.onion(memorization, onion, subsetFraction)) };
  }

  /** Two arms, without the exposed and without random members: models on subsets of what is left, and on all of it. */
  private onion(
    memorization: TaskInput,
    { removeFraction, models, retrainSeeds }: NonNullable<MemorizationDecisions['onion']>,
    subsetFraction: number,
  ): Record<string, TaskInput> {
    const { recipe } = this.decisions.recipe!;
    const architecture = this.document(describeArchitecture(this.audit.model!));
    const perTask = classifiersPerTask(this.audit.model!.inspected.parameterCount);
    const tasks: Record<string, TaskInput> = {};
    for (const arm of ['exposed', 'random'] as const) {
      const train = (from: number, count: number, whole: boolean) =>
        this.add({
          kind: 'train-without-exposed',
          inputs: { architecture, ...this.rowInputs, memorization },
          params: {
            recipe: recipe as unknown as Json,
            arm,
            whole,
            from,
            count,
            removeFraction,
            ...(whole ? {} : subsetParam(subsetFraction)),
          },
          seed: this.seed('onion'),
          units: count * this.rows * (whole ? 1 : subsetFraction) * recipe.epochs * this.passCost,
        });
      for (let from = 0; from < models; from += perTask)
        tasks[`onion.${arm}.${String(from).padStart(3, '0')}`] = train(from, Math.min(perTask, models - from), false);
      tasks[`onion.${arm}.whole`] = train(0, retrainSeeds, true);
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
        inputs: { ...this.targetInputs, ...this.rowInputs, signals, blind: this.blindBaseline() },
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

  private privacyBounds(signals: TaskInput): TaskInput {
    const decisions = this.decisions.privacyBounds!;
    // Trials are no samples of their own: there is nothing a blind classifier could look at.
    const blind: Record<string, TaskInput> = decisions.design === 'oneRun' ? { blind: this.blindBaseline() } : {};
    return this.add({
      kind: 'bound-privacy',
      inputs: { ...this.rowInputs, signals, ...blind, ...this.measures([decisions.score]) },
      params: { decisions: decisions as unknown as Json },
      seed: this.seed('bound-privacy'),
      units: this.samples / 1000,
    });
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

/** Reference models an attack or another test reads. */
interface WantedReferences extends Pick<MembershipDecisions, 'referenceModels' | 'givenReferences'> {
  readonly subsetFraction?: number;
}

/** Halves are what is trained on unless said otherwise, so that tests that want halves share their models. */
function subsetParam(fraction: number): { readonly subsetFraction?: number } {
  return fraction === 0.5 ? {} : { subsetFraction: fraction };
}

/** Several inputs of one sort, in order: `reference.000`, `reference.001` … */
function numbered(name: string, tasks: readonly TaskInput[]): Record<string, TaskInput> {
  return Object.fromEntries(tasks.map((task, i) => [`${name}.${String(i).padStart(3, '0')}`, task]));
}

function keyOf(input: TaskInput): string {
  return 'task' in input ? input.task : input.artifact;
}
