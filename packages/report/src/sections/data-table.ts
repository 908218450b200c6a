import { type Content, type Html, html } from '../markup/html.js';

export interface Column<Row> {
  readonly header: string;
  readonly cell: (row: Row) => Content;
  /** The column that names the row. */
  readonly rowHeader?: boolean;
  /** Share of the table's width, in percent; the browser's choice when absent. */
  readonly width?: number;
}

/**
 * A table with a caption. On narrow screens its rows become cards with each cell under its header, so the roles a table
 * has by nature are written out: a browser drops them when the layout is no longer a table's.
 *
 * @returns null when there are no rows.
 */
export function dataTable<Row>(
  caption: Content,
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  kind: 'plain' | 'compact' = 'plain',
): Html | null {
  if (rows.length === 0) return null;
  return html`<table role="table" class="${kind}"><caption>${caption}</caption><thead role="rowgroup"><tr role="row">${columns.map(
    ({ header, width }) =>
      html`<th role="columnheader" scope="col"${width === undefined ? null : html` style="width:${width}%"`}>${header}</th>`,
  )}</tr></thead><tbody role="rowgroup">${rows.map(
    (row) =>
      html`<tr role="row">${columns.map(({ header, cell, rowHeader }) =>
        rowHeader === true
          ? html`<th role="rowheader" scope="row">${cell(row)}</th>`
          : html`<td role="cell"><span class="label" aria-hidden="true">${header}</span><div>${cell(row)}</div></td>`,
      )}</tr>`,
  )}</tbody></table>`;
}

export interface Fold {
  /** Rows in sight; the others wait behind a disclosure. */
  readonly inSight: number;
  /** What the disclosure says of the rows behind it: `14 more attacks`. */
  readonly more: (count: number) => string;
  readonly kind?: 'plain' | 'compact';
}

/** A table of which the first rows are in sight and the others, or all of them, behind a disclosure. */
export function foldedTable<Row>(
  caption: Content,
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  { inSight, more, kind = 'plain' }: Fold,
): Content {
  const rest = dataTable(inSight > 0 ? html`${caption} (continued)` : caption, rows.slice(inSight), columns, kind);
  return [
    dataTable(caption, rows.slice(0, inSight), columns, kind),
    rest === null
      ? null
      : html`<details class="more"><summary>${more(rows.length - inSight)}</summary>${rest}</details>`,
  ];
}
