import { type Finding, type Report, severities } from '@engram/contract';
import { type Html, html } from '../markup/html.js';
import { formatCount } from '../numbers/format-number.js';
import { measuredCell } from '../numbers/measured-cell.js';
import { quantityOfFinding, readingOfFinding } from '../numbers/quantity-of-finding.js';
import { section } from './blocks.js';
import { type Column, foldedTable } from './data-table.js';

/** Findings shown at once: an audit with twenty attacks has some forty, and nobody reads forty. */
const inSight = 12;

const severityShapes: Readonly<Record<Finding['severity'], string>> = { high: '▲', medium: '◆', low: '●', info: '○' };

function severityBadge(severity: Finding['severity']): Html {
  return html`<span class="severity severity-${severity}"><span aria-hidden="true">${severityShapes[severity]}</span> ${severity}</span>`;
}

export function summarySection({ summary, samples }: Report): Html | null {
  if (summary.length === 0) return null;
  return section(
    'summary',
    'Summary',
    html`<ul class="summary">${summary.map((sentence) => html`<li>${sentence}</li>`)}</ul>`,
    samples.count > 0
      ? html`<p class="aside">The per-sample table of this audit puts all scores of its ${formatCount(samples.count)} records side by side: ${samples.columns.map((column, i) => html`${i > 0 ? ', ' : ''}<code>${column}</code>`)}. <a href="#reproduce">How to get it</a>.</p>`
      : null,
  );
}

/** Findings by severity, in the order given within each; every number beside the same number on its control. */
export function findingsSection({ findings }: Report): Html | null {
  const ordered = severities.flatMap((severity) => findings.filter((finding) => finding.severity === severity));
  const columns: readonly Column<Finding>[] = [
    { header: 'Severity', width: 11, cell: ({ severity }) => severityBadge(severity) },
    {
      header: 'Finding',
      width: 39,
      rowHeader: true,
      cell: ({ id, statement }) => html`${statement} <code class="how">${id}</code>`,
    },
    {
      header: 'Measured',
      width: 25,
      cell: (finding) =>
        html`${measuredCell(finding.measured, quantityOfFinding(finding))} <span class="how">${readingOfFinding(finding)}</span>`,
    },
    { header: 'Control', cell: (finding) => measuredCell(finding.control, quantityOfFinding(finding)) },
  ];
  const table = foldedTable(
    'What was found, most severe first. The control is the same measurement where there is nothing to find.',
    ordered,
    columns,
    { inSight, more: (count) => (count === 1 ? '1 more finding' : `${formatCount(count)} more findings`) },
  );
  return ordered.length === 0 ? null : section('findings', 'Findings', table);
}
