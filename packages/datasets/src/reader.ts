import type { FieldName, RandomAccess, TypedArray } from '@engram/domain';
import type { z } from 'zod';
import type { SourceFile } from './bytes/source-file.js';
import type { ElementType } from './columns/elements.js';
import type { ReadLimits } from './limits.js';

/** Where the manifest says a field's values are. Which of these a format knows is its reader's `fieldSpec`. */
export interface FieldSpec {
  readonly file?: string | undefined;
  readonly column?: string | undefined;
  readonly columns?: readonly string[] | undefined;
  readonly array?: string | undefined;
  /** `input` only: values are stored as float32 value × scale + offset. */
  readonly scale?: number | undefined;
  readonly offset?: number | undefined;
}

export interface ColumnHeader {
  /** `decimal`: numbers written as text. `string`: strings. */
  readonly element: ElementType | 'decimal' | 'string';
  /** Shape without the leading axis. */
  readonly rowShape: readonly number[];
  /** Length of the leading axis, when the file tells before the values. */
  readonly rows?: number;
}

/** Where a reader delivers one field's values, in file order, in pieces of any size. */
export interface ColumnSink {
  readonly field: FieldName;
  readonly spec: FieldSpec;
  /** Where in the manifest the column is named: faults of its values are reported there. */
  readonly pointer: string;
  readonly wants: 'numbers' | 'strings';
  /** Called once, before any value. */
  begin(header: ColumnHeader): void;
  /** The array is the sink's from here on. */
  numbers(values: TypedArray): Promise<void>;
  strings(values: readonly string[]): Promise<void>;
}

/** One pass over one file. */
export interface ReadPass {
  readonly source: SourceFile;
  /** The manifest's settings for the format, beside `fields`. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly columns: readonly ColumnSink[];
  readonly limits: ReadLimits;
  /** Keeps a stream so that it can be read at random positions; forgotten when the reading ends. */
  spool(bytes: AsyncIterable<Uint8Array>): Promise<RandomAccess>;
}

/**
 * A dataset format. `read` delivers every column asked of one file and throws an EngramError with a fault for what the
 * bytes do not allow; it never holds more than a few blocks or one row in memory.
 */
export interface DatasetReader<
  Format extends string = string,
  Settings extends z.ZodRawShape = z.ZodRawShape,
  Spec extends z.ZodRawShape = z.ZodRawShape,
> {
  readonly format: Format;
  readonly summary: string;
  /**
   * `arrays`: a field is an array, and for reference fields its leading axis counts models. `rows`: the file is a
   * sequence of samples, all its columns are read in one pass, and a reference column holds one value per model in each.
   */
  readonly layout: 'arrays' | 'rows';
  /** Settings of the format beside `fields` in the manifest. */
  readonly settings: Settings;
  readonly fieldSpec: z.ZodObject<Spec>;
  read(pass: ReadPass): Promise<void>;
}

/** Keeps the literal types of a reader, from which the manifest's schema is made. */
export function defineReader<const Format extends string, Settings extends z.ZodRawShape, Spec extends z.ZodRawShape>(
  reader: DatasetReader<Format, Settings, Spec>,
): DatasetReader<Format, Settings, Spec> {
  return reader;
}
