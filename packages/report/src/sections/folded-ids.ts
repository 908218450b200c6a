import { type Html, html } from '../markup/html.js';

/** Ids of samples behind a disclosure; nothing when there are none. */
export function foldedIds(ids: readonly string[], summary: string): Html | null {
  if (ids.length === 0) return null;
  return html`<details><summary>${summary}</summary><p class="ids">${ids.map((id) => html`<code>${id}</code> `)}</p></details>`;
}
