import type { FieldName, StoredField } from '@engram/domain';
import type { StagedArtifact } from '../bytes/staged-artifact.js';
import type { Workspace } from '../bytes/workspace.js';
import { fieldError } from '../field-error.js';
import type { ReadLimits } from '../limits.js';
import type { ColumnHeader, ColumnSink, FieldSpec } from '../reader.js';
import { HashSet64 } from './hash-set.js';
import { hashBytes } from './row-hasher.js';
import { ValueTally } from './value-tally.js';

export interface TextColumnOptions {
  readonly field: FieldName;
  readonly spec: FieldSpec;
  readonly pointer: string;
  readonly workspace: Workspace;
  readonly limits: ReadLimits;
}

const piecesBytes = 256 * 1024;

/** Takes the strings of one field and stages them as one run of UTF-8 and the offsets of its rows. */
export class TextColumn implements ColumnSink {
  readonly wants = 'strings';
  readonly field: FieldName;
  readonly spec: FieldSpec;
  readonly pointer: string;
  /** Rows that equal an earlier one. */
  readonly repeated = new ValueTally();
  private readonly limits: ReadLimits;
  private readonly bytes: StagedArtifact;
  private readonly offsets: StagedArtifact;
  private readonly seen = new HashSet64();
  private rows = 0;
  private written = 0;
  private longestBytes = 0;

  constructor({ field, spec, pointer, workspace, limits }: TextColumnOptions) {
    this.field = field;
    this.spec = spec;
    this.pointer = pointer;
    this.limits = limits;
    this.bytes = workspace.stage();
    this.offsets = workspace.stage();
  }

  get samples(): number {
    return this.rows;
  }

  begin(header: ColumnHeader): void {
    if (header.rows !== undefined) this.checkRows(header.rows);
  }

  numbers(): Promise<void> {
    throw new TypeError('a text column was given numbers');
  }

  async strings(values: readonly string[]): Promise<void> {
    this.checkRows(this.rows + values.length);
    const starts = new Float64Array(values.length);
    let pieces: Buffer[] = [];
    let pending = 0;
    for (let i = 0; i < values.length; i++) {
      const piece = Buffer.from(values[i]!, 'utf8');
      const [high, low] = hashBytes(piece);
      if (!this.seen.add(high, low)) this.repeated.add(this.rows + i);
      starts[i] = this.written;
      this.written += piece.length;
      this.longestBytes = Math.max(this.longestBytes, piece.length);
      pieces.push(piece);
      pending += piece.length;
      if (pending < piecesBytes) continue;
      await this.bytes.write(Buffer.concat(pieces));
      pieces = [];
      pending = 0;
    }
    this.rows += values.length;
    if (pending > 0) await this.bytes.write(Buffer.concat(pieces));
    await this.offsets.write(new Uint8Array(starts.buffer));
  }

  /** Nothing to turn round: rows are samples. */
  async arrange(): Promise<void> {}

  /** Forgets what was staged: the field will be read again. */
  async drop(): Promise<void> {
    await this.bytes.discard();
    await this.offsets.discard();
  }

  async commit(): Promise<StoredField> {
    await this.offsets.write(new Uint8Array(new Float64Array([this.written]).buffer));
    const { digest } = await this.bytes.commit();
    const { digest: offsets } = await this.offsets.commit();
    return { kind: 'text', rows: this.rows, digest, offsets, longestBytes: this.longestBytes };
  }

  private checkRows(rows: number): void {
    if (rows > this.limits.rows)
      throw fieldError(
        'ENG_UPLOAD_TOO_LARGE',
        this.pointer,
        `${this.field} has more than the ${this.limits.rows} rows allowed`,
        'Send a random part of the rows.',
      );
  }
}
