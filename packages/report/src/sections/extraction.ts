import type { ExtractionReport } from '@engram/contract';
import { extractionRateChart } from '../charts/extraction-rate-chart.js';
import { intervalMark } from '../charts/interval-mark.js';
import { figure } from '../charts/plot.js';
import { seriesLegend } from '../charts/series.js';
import { type Content, type Html, html } from '../markup/html.js';
import { formatCount, formatPercent, formatSignificant } from '../numbers/format-number.js';
import { measuredCell } from '../numbers/measured-cell.js';
import { limitsList, outcomeBadge, section, verdictBadge } from './blocks.js';
import { dataTable } from './data-table.js';
import { exposurePart } from './exposure.js';
import { heatLegend, heatStrip } from './heat-strip.js';

type PrefixSuffix = NonNullable<ExtractionReport['prefixSuffix']>;

/** Strips shown at once; further ones wait behind a disclosure. */
const stripsInSight = 4;

/** Can training text be got out of the model? Rates against controls, what the labels mean, and the texts themselves. */
export function extractionSection({ verdict, statement, prefixSuffix, exposure, limits }: ExtractionReport): Html {
  return section(
    'extraction',
    html`Extraction: can training text be got out? ${verdictBadge(verdict)}`,
    html`<p class="lead">${statement}</p>`,
    prefixSuffix === null ? null : prefixSuffixPart(prefixSuffix),
    exposure === null ? null : exposurePart(exposure),
    limitsList(limits),
  );
}

function prefixSuffixPart(result: PrefixSuffix): Content {
  const { prefixTokens, suffixTokens, records, controls, controlsGate } = result;
  return [
    html`<h3>Given the beginning of a record, does the model write the rest?</h3>`,
    html`<p>The first ${formatCount(prefixTokens)} tokens of ${formatCount(records)} training records were given, and the probability of the next ${formatCount(suffixTokens)} was computed exactly, without sampling. The same was done with ${formatCount(controls)} control texts the model never saw: only what comes out more readily than they do counts as memorized.</p>`,
    excludedSentence(result),
    html`<article class="card gate outcome-${controlsGate.outcome}"><h4>Are the controls like the records? ${outcomeBadge(controlsGate.outcome)}</h4><p class="figure">${controlsGate.measured.status === 'measured' ? 'AUC ' : null}${measuredCell(controlsGate.measured, 'auc')}</p>${controlsGate.statement === '' ? null : html`<p>${controlsGate.statement}</p>`}</article>`,
    result.decoders.length === 0 ? null : rates(result),
    labelsTable(result),
    strips(result),
  ];
}

function excludedSentence({ excluded }: PrefixSuffix): Html | null {
  const reasons = Object.entries(excluded).filter(([, count]) => count > 0);
  if (reasons.length === 0) return null;
  return html`<p class="aside">Records left out: ${reasons.map(([reason, count]) => `${formatCount(count)} ${reason}`).join(', ')}.</p>`;
}

function rates({ decoders }: PrefixSuffix): Content {
  return html`<div class="figures">${figure({
    legend: seriesLegend(decoders.map(({ decoder }, index) => ({ index, label: decoder }))),
    picture: extractionRateChart('extraction-rate', decoders),
    caption: html`Share of records written out at least once in so many draws, with a probability of at least ${formatPercent(decoders[0].curve.atLeast)}. The shaded floor under the dotted line is how far control texts get.`,
    numbers: dataTable(
      'Extraction rate by draws',
      decoders.flatMap(({ decoder, curve }) =>
        curve.draws.map((draws, i) => ({ decoder, draws, rate: curve.rate[i], control: curve.controlRate[i] })),
      ),
      [
        { header: 'Decoder', rowHeader: true, cell: ({ decoder }) => decoder },
        { header: 'Draws', cell: ({ draws }) => formatSignificant(draws) },
        { header: 'Records', cell: ({ rate }) => formatPercent(rate) },
        { header: 'Controls', cell: ({ control }) => formatPercent(control) },
      ],
      'compact',
    ),
  })}<div>${dataTable(
    'Records whose suffix is the likeliest thing to come out (probability of at least one half in one draw; greedy: exactly)',
    decoders,
    [
      { header: 'Decoder', rowHeader: true, cell: ({ decoder }) => decoder },
      { header: 'Records', cell: ({ rate }) => measuredCell(rate, 'rate') },
      { header: 'Controls', cell: ({ controlRate }) => measuredCell(controlRate, 'rate') },
    ],
  )}</div></div>`;
}

function labelsTable({ labels }: PrefixSuffix): Html | null {
  const lines = [
    { name: 'memorized', meaning: 'likelier than controls, false discoveries held to 5%', share: labels.memorized },
    ...labels.extractable.map(({ draws, measured }) => ({
      name: `extractable in ${formatCount(draws)} ${draws === 1 ? 'draw' : 'draws'}`,
      meaning: 'memorized, and all but certain to come out in so many draws',
      share: measured,
    })),
    { name: 'common', meaning: 'likely to come out, but so are texts never trained on', share: labels.common },
    { name: 'not shown', meaning: 'nothing was shown; that does not make it safe', share: labels.notShown },
  ];
  return dataTable('What the records were found to be', lines, [
    {
      header: 'Label',
      rowHeader: true,
      cell: ({ name, meaning }) => html`${name} <span class="how">${meaning}</span>`,
    },
    { header: 'Share of records', cell: ({ share }) => measuredCell(share, 'rate') },
    { header: 'From 0 to 100%', cell: ({ share }) => intervalMark(share, { from: 0, to: 1 }) },
  ]);
}

function strips({ strips }: PrefixSuffix): Content {
  if (strips.length === 0) return null;
  const hidden = strips.every(({ tokens }) => tokens.every((token) => token === ''));
  const rest = strips.slice(stripsInSight);
  return [
    html`<h3>Texts, token by token</h3>`,
    html`<p>Each token is shaded by the probability the model gives it after all before it. ${hidden ? 'The request keeps the texts themselves hidden; a box stands for each token.' : 'Texts appear as the request allows: what it redacts stays redacted here.'}</p>`,
    heatLegend(),
    strips.slice(0, stripsInSight).map(heatStrip),
    rest.length === 0
      ? null
      : html`<details class="more"><summary>${formatCount(rest.length)} more ${rest.length === 1 ? 'text' : 'texts'}</summary>${rest.map(heatStrip)}</details>`,
  ];
}
