import type { Gate, Report } from '@engram/contract';
import type { Verdict } from '@engram/domain';
import { type Content, type Html, html } from '../markup/html.js';
import type { Advice } from '../words/advice.js';
import { outcomeWords } from '../words/gates.js';
import { verdictWords } from '../words/verdicts.js';

/** Shapes that tell outcomes apart without colour, 20 by 20. */
const shapes = {
  alarm: 'M10 1 19 18H1ZM9 7v5h2V7Zm0 7v2h2v-2Z',
  check: 'M10 1a9 9 0 1 0 0 18a9 9 0 0 0 0-18ZM8.6 14 4.8 10.2l1.4-1.4 2.4 2.4 5.2-5.2 1.4 1.4Z',
  question:
    'M10 1a9 9 0 1 0 0 18a9 9 0 0 0 0-18ZM9 14h2v2H9Zm0-1v-1.6c0-1.9 2.3-2 2.3-3.6a1.3 1.3 0 0 0-2.6 0H6.8a3.2 3.2 0 0 1 6.4 0c0 2.4-2.3 2.7-2.3 3.9V13Z',
  cross:
    'M3 1h14l2 2v14l-2 2H3l-2-2V3ZM6.8 5.4 5.4 6.8 8.6 10l-3.2 3.2 1.4 1.4L10 11.4l3.2 3.2 1.4-1.4L11.4 10l3.2-3.2-1.4-1.4L10 8.6Z',
  blank: 'M10 1a9 9 0 1 0 0 18a9 9 0 0 0 0-18ZM5 9h10v2H5Z',
} as const;

type Shape = keyof typeof shapes;

function icon(shape: Shape): Html {
  return html`<svg class="icon" viewBox="0 0 20 20" width="20" height="20" aria-hidden="true"><path fill-rule="evenodd" d="${shapes[shape]}"/></svg>`;
}

const verdictShapes: Readonly<Record<Verdict, Shape>> = {
  leak: 'alarm',
  noLeakFound: 'check',
  inconclusive: 'question',
  invalid: 'cross',
};

export function verdictBadge(verdict: Verdict): Html {
  return html`<span class="badge verdict-${verdict}">${icon(verdictShapes[verdict])}${verdictWords[verdict]}</span>`;
}

const outcomeShapes: Readonly<Record<Gate['outcome'], Shape>> = {
  pass: 'check',
  inconclusive: 'question',
  warn: 'alarm',
  fail: 'cross',
  notRun: 'blank',
};

export function outcomeBadge(outcome: Gate['outcome']): Html {
  return html`<span class="badge outcome-${outcome}">${icon(outcomeShapes[outcome])}${outcomeWords[outcome]}</span>`;
}

/** A part of the page under its own heading. */
export function section(id: string, heading: Content, ...body: readonly Content[]): Html {
  return html`<section id="${id}" aria-labelledby="${id}-heading"><h2 id="${id}-heading">${heading}</h2>${body}</section>`;
}

export function adviceList(advice: readonly Advice[]): Html | null {
  if (advice.length === 0) return null;
  return html`<ul class="advice">${advice.map(
    ({ action, because }) => html`<li><b>${action}</b> <span>${because}</span></li>`,
  )}</ul>`;
}

export function limitsList(limits: readonly string[]): Html | null {
  if (limits.length === 0) return null;
  return html`<h3>Limits</h3><ul class="limits">${limits.map((limit) => html`<li>${limit}</li>`)}</ul>`;
}

type Json = Report['reproduce']['request'][string];

/** Settings as `name value` pairs; nested values as JSON. */
export function settingsList(settings: Readonly<Record<string, Json>>): Html | null {
  const entries = Object.entries(settings);
  if (entries.length === 0) return null;
  return html`<dl class="settings">${entries.map(
    ([name, value]) =>
      html`<div><dt>${name}</dt><dd>${typeof value === 'string' ? value : JSON.stringify(value)}</dd></div>`,
  )}</dl>`;
}
