import type { Dtype, FieldName, StoredField, TypedArray } from '@engram/domain';
import type { StagedArtifact } from '../bytes/staged-artifact.js';
import type { Workspace } from '../bytes/workspace.js';
import { fieldError } from '../field-error.js';
import type { ReadLimits } from '../limits.js';
import type { ColumnHeader, ColumnSink, FieldSpec } from '../reader.js';
import type { FieldRole } from '../roles.js';
import { convertValues, newValueFaults, storedDtype, type ValueFaults } from './convert.js';
import { type FieldShape, fieldShape } from './field-shape.js';
import { HashSet64 } from './hash-set.js';
import { modelsFirst } from './models-first.js';
import { RowHasher } from './row-hasher.js';
import { RowSums } from './row-sums.js';

export interface NumericColumnOptions {
  readonly field: FieldName;
  readonly role: FieldRole;
  readonly spec: FieldSpec;
  readonly pointer: string;
  readonly workspace: Workspace;
  readonly limits: ReadLimits;
  /** The file is a sequence of samples, so reference fields must be turned round. */
  readonly samplesLead: boolean;
  /** A first reading found an input integer beyond int32. */
  readonly widen: boolean;
}

/** Thrown when an input integer does not fit int32: the field is then read again into float64. */
export class NeedsWidening extends Error {}

const bytesOf: Readonly<Record<Dtype, number>> = { float32: 4, float64: 8, int32: 4, uint8: 1 };

/** Takes the numbers of one field, checks them, and stages them as raw little-endian rows. */
export class NumericColumn implements ColumnSink {
  readonly wants = 'numbers';
  readonly field: FieldName;
  readonly spec: FieldSpec;
  readonly pointer: string;
  readonly faults: ValueFaults = newValueFaults();
  shape: FieldShape = { rowShape: [], sampleShape: [] };
  dtype: Dtype = 'float32';
  minimum = Number.POSITIVE_INFINITY;
  maximum = Number.NEGATIVE_INFINITY;
  duplicates = 0;
  /** Of a flag: how many values are 1. */
  ones = 0;
  rowSums: RowSums | undefined;
  private readonly options: NumericColumnOptions;
  private readonly scaling: { readonly scale: number; readonly offset: number } | undefined;
  private staged: StagedArtifact;
  private hasher: RowHasher | undefined;
  private rowWidth = 1;
  private elements = 0;

  constructor(options: NumericColumnOptions) {
    this.options = options;
    this.field = options.field;
    this.spec = options.spec;
    this.pointer = options.pointer;
    const { scale, offset } = options.spec;
    this.scaling = scale === undefined && offset === undefined ? undefined : { scale: scale ?? 1, offset: offset ?? 0 };
    this.staged = this.turnsRound ? options.workspace.stageTemporary() : options.workspace.stage();
  }

  get role(): FieldRole {
    return this.options.role;
  }

  get samplesLead(): boolean {
    return this.options.samplesLead;
  }

  /** Length of the leading axis as read. */
  get rowsRead(): number {
    return this.elements / this.rowWidth;
  }

  /** Samples the field speaks of. */
  get samples(): number {
    return this.role.perReference && !this.turnsRound ? (this.shape.rowShape[0] ?? 0) : this.rowsRead;
  }

  /** Reference models the field speaks of; undefined for fields of the samples themselves. */
  get models(): number | undefined {
    if (!this.role.perReference) return undefined;
    return this.turnsRound ? (this.shape.rowShape[0] ?? 0) : this.rowsRead;
  }

  begin(header: ColumnHeader): void {
    const { role, limits, samplesLead, widen } = this.options;
    if (header.element === 'string')
      throw fieldError(
        'ENG_VALUES_INVALID',
        this.pointer,
        `${this.field} needs numbers, got strings`,
        'Point it at numbers.',
      );
    if (header.rows !== undefined) this.checkRows(header.rows);
    this.shape = fieldShape(this.field, role, header, samplesLead, this.pointer);
    this.rowWidth = this.shape.rowShape.reduce((product, axis) => product * axis, 1);
    this.dtype = storedDtype(role.values, header.element, this.scaling !== undefined, widen);
    const sampleWidth = this.shape.sampleShape.reduce((product, axis) => product * axis, 1);
    if (role.values === 'probabilities' && sampleWidth > 1) this.rowSums = new RowSums(sampleWidth);
    if (role.values === 'input') {
      const seen = new HashSet64(Math.min(header.rows ?? 0, limits.rows));
      this.hasher = new RowHasher(this.rowWidth, (high, low) => {
        if (!seen.add(high, low)) this.duplicates++;
      });
    }
  }

  async numbers(values: TypedArray): Promise<void> {
    const stored = convertValues(values, this.dtype, this.role.values, this.scaling, this.faults, this.elements);
    if (this.faults.tooLarge.count > 0 && this.role.values === 'input') throw new NeedsWidening();
    this.elements += stored.length;
    this.checkRows(Math.floor(this.rowsRead));
    this.measure(stored);
    this.rowSums?.push(stored);
    this.hasher?.push(stored);
    await this.staged.write(new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength));
  }

  strings(): Promise<void> {
    throw new TypeError('a numeric column was given strings');
  }

  /** Call once all values are in and found right. */
  async arrange(): Promise<void> {
    if (!this.turnsRound) return;
    const { workspace } = this.options;
    const access = await workspace.reopen(this.staged);
    this.staged = workspace.stage();
    const unitBytes = this.shape.sampleShape.reduce((product, axis) => product * axis, bytesOf[this.dtype]);
    for await (const block of modelsFirst(access, this.samples, this.models!, unitBytes))
      await this.staged.write(block);
  }

  /** Forgets what was staged: the field will be read again. */
  async drop(): Promise<void> {
    await this.staged.discard();
  }

  async commit(): Promise<StoredField> {
    const { digest } = await this.staged.commit();
    const turned = this.turnsRound ? [this.samples, ...this.shape.sampleShape] : this.shape.rowShape;
    return {
      kind: 'numeric',
      dtype: this.dtype,
      rowShape: turned,
      rows: this.turnsRound ? this.models! : this.rowsRead,
      digest,
      minimum: this.minimum,
      maximum: this.maximum,
    };
  }

  private get turnsRound(): boolean {
    return this.options.samplesLead && this.options.role.perReference;
  }

  private checkRows(rows: number): void {
    const { limits } = this.options;
    if (rows > limits.rows)
      throw fieldError(
        'ENG_UPLOAD_TOO_LARGE',
        this.pointer,
        `${this.field} has more than the ${limits.rows} rows allowed`,
        'Send a random part of the rows.',
      );
  }

  private measure(values: TypedArray): void {
    let { minimum, maximum } = this;
    for (let i = 0; i < values.length; i++) {
      const value = values[i]!;
      if (value < minimum) minimum = value;
      if (value > maximum) maximum = value;
    }
    this.minimum = minimum;
    this.maximum = maximum;
    if (this.role.values === 'flag') for (let i = 0; i < values.length; i++) this.ones += values[i]!;
  }
}
