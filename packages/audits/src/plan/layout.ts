import { EngramError, type Json, type TaskInput, type TaskSpec } from '@engram/domain';
import { deriveSeed, sha256Hex } from '@engram/numeric';
import type { Decisions } from '../decisions.js';
import {
  auditedRoles,
  type DataRole,
  describeDataset,
  describeModel,
  jsonArtifact,
  judgedRoles,
  type ResolvedAudit,
} from '../resources.js';
import { passCost } from './pass-cost.js';
import { makeTask, type TaskDraft } from './task-spec.js';

/** What a task reads, by the names it reads it under. */
export type TaskInputs = Readonly<Record<string, TaskInput>>;

/** The tasks and documents of one audit as they are laid out, and what is read of the audit to lay them out. */
export class Layout {
  readonly audit: ResolvedAudit;
  readonly decisions: Decisions;
  readonly targetInputs: TaskInputs;
  readonly datasetInputs: TaskInputs;
  /** Of those, the samples that are rows of the audit, and of these, those that are judged. */
  readonly rowInputs: TaskInputs;
  readonly judgedInputs: TaskInputs;
  private readonly laidOut = new Map<string, TaskSpec>();
  private readonly documents: Uint8Array[] = [];

  constructor(audit: ResolvedAudit, decisions: Decisions) {
    this.audit = audit;
    this.decisions = decisions;
    this.rowInputs = this.datasetsOf(auditedRoles(audit.datasets));
    this.datasetInputs = { ...this.rowInputs, ...this.datasetsOf(['population']) };
    this.judgedInputs = Object.fromEntries(judgedRoles(audit.datasets).map((role) => [role, this.rowInputs[role]]));
    this.targetInputs = audit.model === undefined ? {} : { model: this.document(describeModel(audit.model)) };
  }

  /** In the order they were added: a task comes after what it reads. */
  get tasks(): readonly TaskSpec[] {
    return [...this.laidOut.values()];
  }

  /** A task that is laid out already. */
  taskOf(input: TaskInput): TaskSpec {
    const task = 'task' in input ? this.laidOut.get(input.task) : undefined;
    if (task === undefined) throw new EngramError('ENG_INTERNAL', 'expected a task that is laid out already');
    return task;
  }

  /** Documents the tasks refer to by digest. */
  get artifacts(): readonly Uint8Array[] {
    return this.documents;
  }

  /** Samples judged. */
  get samples(): number {
    return this.audit.members + this.audit.nonMembers;
  }

  /** Rows of the audit: samples judged, and those set aside. */
  get rows(): number {
    return this.samples + (this.audit.datasets.calibration?.inspected.count ?? 0);
  }

  /** Samples one model is asked about: rows, and the population. */
  get asked(): number {
    return this.rows + (this.audit.datasets.population?.inspected.count ?? 0);
  }

  /** Augmented forms of each sample that target and references are asked about; 1 = the sample alone. */
  get queries(): number {
    return this.decisions.membership?.queries ?? 1;
  }

  /** For tasks that ask models: the other probabilities of the truth to tell losses under; nothing where there are none. */
  get lossesUnder(): { readonly [name: string]: Json } {
    const asked = this.decisions.membership?.lossesUnder;
    return asked === undefined ? {} : { lossesUnder: asked as unknown as Json };
  }

  /** Work of one pass over one sample: of the target, unless another model is given. */
  passCost(model = this.audit.model): number {
    return passCost(model, Object.values(this.audit.datasets));
  }

  /** A seed of the audit's own for what the labels name. */
  seed(...labels: (string | number)[]): number {
    return deriveSeed(this.audit.request.seed, ...labels);
  }

  /** Adds a document to read. */
  document(value: unknown): TaskInput {
    const bytes = jsonArtifact(value);
    this.documents.push(bytes);
    return { artifact: sha256Hex(bytes) };
  }

  /** Adds a task; one that is laid out already stays one. */
  add(draft: TaskDraft): { readonly task: string } {
    const task = makeTask(draft);
    this.laidOut.set(task.key, task);
    return { task: task.key };
  }

  private datasetsOf(roles: readonly DataRole[]): TaskInputs {
    const inputs: Record<string, TaskInput> = {};
    for (const role of roles) {
      const dataset = this.audit.datasets[role];
      if (dataset !== undefined) inputs[role] = this.document(describeDataset(dataset));
    }
    return inputs;
  }
}

/** Several inputs of one sort, in order: `reference.000`, `reference.001` … */
export function numbered(name: string, tasks: readonly TaskInput[]): TaskInputs {
  return Object.fromEntries(tasks.map((task, i) => [`${name}.${String(i).padStart(3, '0')}`, task]));
}
