import type { MembershipReport } from '@engram/contract';
import { type Content, type Html, html } from '../markup/html.js';
import { formatCount, formatFixed, formatOneIn, formatPercent, formatSignificant } from '../numbers/format-number.js';
import { measuredCell, measuredPhrase } from '../numbers/measured-cell.js';
import { dataTable } from './data-table.js';

type Information = NonNullable<MembershipReport['cmi']>;
type Rate = NonNullable<MembershipReport['traceability']>['rates'][number];

/** Two sentences with numbers: how many members can be pointed at, and what the scores prove, in bits. */
export function tracedMembers({ traceability, cmi }: MembershipReport): Content {
  if (traceability === undefined && cmi === undefined) return null;
  return [
    html`<h3>Tracing, and what the scores prove</h3>`,
    traceability === undefined
      ? null
      : html`<p>${traceability.statement}</p>${
          traceability.rates.length === 0
            ? null
            : html`<ul class="in-words">${traceability.rates.map((rate) => html`<li>${rateSentence(rate)}</li>`)}</ul>`
        }`,
    cmi === undefined ? null : information(cmi),
  ];
}

function rateSentence(rate: Rate): string {
  const allowed = `Allowed to trace ${formatOneIn(rate.falseAccusations) ?? formatPercent(rate.falseAccusations)} fresh records`;
  if (rate.status === 'notMeasured') return `${allowed}: not measured (${rate.reason}).`;
  const { recall, tracedAtLeast, expectedFalseAccusations, soundness, sound, traceable } = rate;
  return `${allowed}, it traces ${measuredPhrase(recall, 'rate')} of the members, at least ${formatCount(Math.floor(tracedAtLeast))} of them by a one-sided bound, where false accusation alone would trace ${formatSignificant(expectedFalseAccusations)} of as many: ${
    traceable ? 'more than ten times as many' : 'less than ten times as many'
  }. By such a bound at most ${formatPercent(soundness)} of fresh records are traced, which ${sound ? 'keeps' : 'does not show that it keeps'} to the allowance.`;
}

/** The interval, which only retrained models give, or why there is none. */
function overRetrainedWords(over: Extract<Information, { status: 'measured' }>['overRetrained']): Html | null {
  if (over === undefined) return null;
  if (over.status === 'notMeasured') return html`<p>Over retrained models: ${measuredCell(over, 'bits')}</p>`;
  return html`<p>Over ${formatCount(over.n)} models retrained on the same members: <b>${measuredPhrase(over, 'bits')}</b> on average. The interval is over trainings, not over other draws of the members.</p>`;
}

function information(cmi: Information): Html {
  if (cmi.status === 'notMeasured')
    return html`<p>Conditional mutual information: <span class="unmeasured"><b>not measured</b> <span class="how">${cmi.reason} <code>${cmi.code}</code></span></span></p>`;
  const { bitsPerPair, pairs, statement, bins } = cmi;
  const table = dataTable(
    'Guesses by how far the two scores of a pair lie apart, the closest first',
    bins.map((bin, i) => ({ ...bin, place: i + 1 })),
    [
      { header: 'Distance', rowHeader: true, cell: ({ place }) => `tenth ${place}` },
      { header: 'Guesses', cell: ({ guesses }) => formatCount(guesses) },
      { header: 'Right', cell: ({ accuracy }) => formatPercent(accuracy) },
    ],
    'compact',
  );
  return html`<p><b>${formatFixed(bitsPerPair, 3)} bits</b> of conditional mutual information for each of ${formatCount(pairs)} pairs. ${statement}</p>${overRetrainedWords(cmi.overRetrained)}${
    table === null ? null : html`<details><summary>The guesses it rests on</summary>${table}</details>`
  }`;
}
