import { MemoryStore } from '@engram/datasets/testing';
import type {
  Bundle,
  Dtype,
  FieldName,
  InspectedDataset,
  Json,
  NdArray,
  StoredDataset,
  StoredField,
  TaskKind,
  TaskSpec,
  TypedArray,
} from '@engram/domain';
import { EngramError } from '@engram/domain';
import { decodeBundle, encodeBundle, sha256Hex } from '@engram/numeric';
import type { PreparedAudit } from '../prepare.js';
import { describeDataset, jsonArtifact } from '../resources.js';
import { runTask } from '../tasks/catalog.js';
import type { TaskContext, TaskResult } from '../tasks/context.js';

const project = 'prj_test';

type Column = NdArray | readonly string[];

/** Runs single tasks on made data in memory, without a native library unless one is passed in. */
export class TaskBench {
  readonly store = new MemoryStore();
  /** What `runPlan` has run, the latest of each kind. */
  readonly ran = new Map<TaskKind, Bundle>();
  private readonly engine: TaskContext['engine'];

  constructor(
    engine: TaskContext['engine'] = async () => {
      throw new EngramError('ENG_INTERNAL', 'this test was not to need tensors');
    },
  ) {
    this.engine = engine;
  }

  async put(bytes: Uint8Array): Promise<string> {
    return (await this.store.put(project, bytes)).digest;
  }

  read(digest: string): Promise<Uint8Array> {
    return this.store.read(project, digest);
  }

  /** @returns the digest of a document, as an input of a task. */
  document(value: unknown): Promise<string> {
    return this.put(jsonArtifact(value));
  }

  /** @returns the digest of a bundle, as an input of a task. */
  bundle(arrays: Bundle['arrays'], meta: Bundle['meta'] = {}): Promise<string> {
    return this.put(encodeBundle({ arrays, meta }));
  }

  /** @returns the digest of the description of a dataset with these columns, as an input of a task. */
  async dataset(...given: Parameters<TaskBench['storedDataset']>): Promise<string> {
    return this.document(describeDataset(await this.storedDataset(...given)));
  }

  async storedDataset(
    columns: Readonly<Partial<Record<FieldName, Column>>>,
    rest: Partial<InspectedDataset> = {},
  ): Promise<StoredDataset> {
    const fields: Partial<Record<FieldName, StoredField>> = {};
    let count = 0;
    for (const [name, column] of Object.entries(columns) as [FieldName, Column][]) {
      fields[name] = Array.isArray(column) ? await this.textField(column) : await this.numericField(column as NdArray);
      if (!name.startsWith('reference')) count = fields[name].rows;
    }
    const digest = sha256Hex(JSON.stringify(fields));
    const inspected: InspectedDataset = { count, fields, duplicates: 0, digest, ...rest };
    return { id: `dst_${digest.slice(0, 12)}`, name: 'made', manifest: {}, inspected };
  }

  /** Runs a whole plan, as workers would. @returns the bundle of its last task, as it is stored. */
  async runPlan({ plan, artifacts }: PreparedAudit): Promise<Bundle> {
    for (const document of artifacts) await this.put(document);
    const outputs = new Map<string, string>();
    let last: Bundle | undefined;
    for (const task of plan.tasks) {
      const inputs = Object.entries(task.inputs).map(([name, input]) => [
        name,
        'artifact' in input ? input.artifact : outputs.get(input.task)!,
      ]);
      const { bundle } = await this.runTask(task, Object.fromEntries(inputs));
      const bytes = encodeBundle(bundle);
      outputs.set(task.key, await this.put(bytes));
      this.ran.set(task.kind, bundle);
      if (task.key === plan.root) last = decodeBundle(bytes, 'report');
    }
    return last!;
  }

  async run(
    kind: TaskKind,
    inputs: Readonly<Record<string, string>>,
    params: { readonly [name: string]: Json } = {},
    seed = 1,
    watched: Pick<Partial<TaskContext>, 'signal' | 'progress'> = {},
  ): Promise<TaskResult> {
    const task: TaskSpec = { key: 'k', kind, version: 1, inputs: {}, params, seed, units: 1, resource: 'light' };
    return this.runTask(task, inputs, watched);
  }

  private runTask(
    task: TaskSpec,
    inputs: Readonly<Record<string, string>>,
    watched: Pick<Partial<TaskContext>, 'signal' | 'progress'> = {},
  ): Promise<TaskResult> {
    return runTask(task, {
      project,
      store: this.store,
      signal: new AbortController().signal,
      progress: () => {},
      inputs,
      environment: { versions: { engram: '0.0.0' }, hardware: { cores: 1 } },
      engine: this.engine,
      onnx: async () => {
        throw new EngramError('ENG_INTERNAL', 'this test was not to need ONNX Runtime');
      },
      attempt: 1,
      ...watched,
    });
  }

  private async numericField({ data, shape }: NdArray): Promise<StoredField> {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    return {
      kind: 'numeric',
      dtype: dtypeOf(data),
      rowShape: shape.slice(1),
      rows: shape[0],
      digest: await this.put(bytes),
      ...extremes(data),
    };
  }

  private async textField(values: readonly string[]): Promise<StoredField> {
    const rows = values.map((value) => new TextEncoder().encode(value));
    const offsets = new Float64Array(rows.length + 1);
    rows.forEach((row, i) => {
      offsets[i + 1] = offsets[i] + row.length;
    });
    return {
      kind: 'text',
      rows: rows.length,
      digest: await this.put(new Uint8Array(Buffer.concat(rows))),
      offsets: await this.put(new Uint8Array(offsets.buffer)),
      longestBytes: Math.max(0, ...rows.map((row) => row.length)),
    };
  }
}

function extremes(data: TypedArray): { minimum: number; maximum: number } {
  let [minimum, maximum] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of data) {
    minimum = Math.min(minimum, value);
    maximum = Math.max(maximum, value);
  }
  return { minimum, maximum };
}

function dtypeOf(data: TypedArray): Dtype {
  if (data instanceof Float32Array) return 'float32';
  if (data instanceof Float64Array) return 'float64';
  return data instanceof Uint8Array ? 'uint8' : 'int32';
}
