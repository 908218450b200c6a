import type { Report } from '@engram/contract';
import { type Html, html } from '../markup/html.js';
import { glossaryOf } from '../words/glossary.js';
import { section } from './blocks.js';

export function glossarySection(report: Report): Html {
  return section(
    'glossary',
    'Words used here',
    html`<dl class="glossary">${glossaryOf(report).map(([word, meaning]) => html`<div><dt>${word}</dt><dd>${meaning}</dd></div>`)}</dl>`,
  );
}
