import type { Gate } from '@engram/contract';
import { notMeasured } from '@engram/domain';
import { type Html, html } from '../markup/html.js';
import { measuredCell } from '../numbers/measured-cell.js';
import { gateOrder, gateWords } from '../words/gates.js';
import { outcomeBadge } from './blocks.js';

/** Every gate a membership audit has, those a report says nothing of as not run: an absent control is news. */
export function gateCards(gates: readonly Gate[]): Html {
  const cards = gateOrder.map(
    (id) =>
      gates.find(({ gate }) => gate === id) ?? {
        gate: id,
        outcome: 'notRun' as const,
        measured: notMeasured('ENG_NOT_REQUESTED', 'this gate is not part of the report'),
        statement: '',
      },
  );
  return html`<div class="cards gates">${cards.map(gateCard)}</div>`;
}

/** One gate: its question, what came out, and the repair when it failed. */
export function gateCard({ gate, outcome, measured, statement }: Gate): Html {
  const { name, question, meaning, repair } = gateWords[gate];
  return html`<article class="card gate outcome-${outcome}"><h4>${name} ${outcomeBadge(outcome)}</h4><p class="question">${question}</p><p class="aside">${meaning}</p><p class="figure">${measured.status === 'measured' && gate !== 'sharedSamples' ? 'AUC ' : null}${measuredCell(measured, gate === 'sharedSamples' ? 'rate' : 'auc')}</p>${
    statement === '' ? null : html`<p>${statement}</p>`
  }${
    outcome === 'fail' || outcome === 'warn' ? html`<p class="repair"><b>What to do:</b> ${repair}</p>` : null
  }</article>`;
}
