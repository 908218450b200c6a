import { type Html, html } from '../markup/html.js';
import { glossary } from '../words/glossary.js';
import { section } from './blocks.js';

export function glossarySection(): Html {
  return section(
    'glossary',
    'Ten words',
    html`<dl class="glossary">${glossary.map(([word, meaning]) => html`<div><dt>${word}</dt><dd>${meaning}</dd></div>`)}</dl>`,
  );
}
