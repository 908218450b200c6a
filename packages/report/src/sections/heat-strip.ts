import type { HeatStrip } from '@engram/contract';
import { type Html, html } from '../markup/html.js';
import { formatOneIn, formatPercent, formatSignificant } from '../numbers/format-number.js';

/** Upper ends of the probability classes of a strip, rarest first; each its own shade on the page. */
const classes = [
  { below: 0.001, label: 'under 0.1%' },
  { below: 0.01, label: '0.1 to 1%' },
  { below: 0.1, label: '1 to 10%' },
  { below: 0.5, label: '10 to 50%' },
  { below: 0.9, label: '50 to 90%' },
  { below: Number.POSITIVE_INFINITY, label: 'over 90%' },
] as const;

function heatClass(probability: number | null): string {
  if (probability === null) return 'heat-none';
  return `heat-${classes.findIndex(({ below }) => probability < below)}`;
}

export function heatLegend(): Html {
  return html`<ul class="legend heat-legend" aria-label="Probability the model gives each token">${classes.map(
    ({ label }, i) => html`<li><span class="heat-${i}" aria-hidden="true">token</span><span>${label}</span></li>`,
  )}</ul>`;
}

const labelWords: Readonly<Record<string, string>> = {
  memorized: 'memorized: more likely than texts never trained on',
  extractable: 'extractable: comes out within the draws of the audit',
  common: 'common: likely, but so are texts never trained on',
  notShown: 'not shown to be memorized',
};

/** One text, token by token, shaded by the probability the model gives each; the given prefix apart from the suffix. */
export function heatStrip(strip: HeatStrip): Html {
  const { sampleId, dataset, tokens, probabilities, prefixTokens, suffixProbability, label } = strip;
  const words = Object.hasOwn(labelWords, label) ? labelWords[label] : label;
  const part = (from: number, to: number) =>
    tokens.slice(from, to).map((token, i) => tokenMark(token, probabilities[from + i] ?? null));
  const oneIn = formatOneIn(suffixProbability);
  return html`<figure class="strip"><figcaption><code>${sampleId}</code> <span class="how">${dataset}</span> <b>${words}</b>. Probability of the whole continuation in one draw: ${
    suffixProbability >= 0.0001 || suffixProbability === 0
      ? formatPercent(suffixProbability)
      : formatSignificant(suffixProbability, 2)
  }${oneIn === null ? null : ` (${oneIn})`}.</figcaption><div class="strip-text"><p class="prefix"><span class="strip-label">given</span><bdi>${part(0, prefixTokens)}</bdi></p><p class="suffix"><span class="strip-label">continued</span><bdi>${part(prefixTokens, tokens.length)}</bdi></p></div></figure>`;
}

function tokenMark(token: string, probability: number | null): Html {
  const title = probability === null ? 'no probability' : formatPercent(probability);
  const kind = heatClass(probability);
  if (token === '') return html`<span class="${kind} withheld" title="${title}"></span>`;
  // A line feed is shown as well as made, or its probability would have nothing to stand on.
  return html`<span class="${kind}" title="${title}">${token.replace(/\n/g, '⏎\n')}</span>`;
}
