import type { DifficultyReport } from '@engram/contract';
import { difficultyBinsChart, type EstimatorResult } from '../charts/difficulty-bins-chart.js';
import { figure } from '../charts/plot.js';
import { type Content, type Html, html } from '../markup/html.js';
import { formatCount, formatSignificant } from '../numbers/format-number.js';
import { estimatorName } from '../words/attacks.js';
import { removalAdvice } from '../words/difficulty-advice.js';
import { adviceList, limitsList, section, settingsList } from './blocks.js';
import { dataTable } from './data-table.js';
import { verificationPart } from './verification.js';

/** How hard would records be to remove? The estimate, whether unlearning bears it out, and which records are meant. */
export function difficultySection(report: DifficultyReport): Html {
  const advice = adviceList(removalAdvice(report));
  return section(
    'difficulty',
    'Unlearning: how hard are records to remove?',
    html`<p class="lead">${report.statement}</p>`,
    advice === null ? null : html`<h3>If records have to be removed</h3>${advice}`,
    report.estimators.length === 0 ? null : estimates(report),
    report.verification === null ? null : verificationPart(report.verification),
    records(report),
    limitsList(report.limits),
  );
}

const kinds = {
  estimate: 'an estimate from one training run',
  heuristic: 'a heuristic: the conditions of the theory do not hold here',
  weak: 'weak: from the final model only',
} as const;

const sources = {
  recordedTraining: 'the recorded training',
  surrogateTraining: 'a training run of our own, by the same recipe',
  finalModel: 'the final model',
} as const;

function estimates({ estimators }: DifficultyReport): Content {
  return [
    html`<h3>Estimated difficulty</h3>`,
    html`<div class="figures">${estimators.map((result, i) => {
      const name = estimatorName(result.estimator);
      const settings = settingsList(result.settings);
      return figure({
        picture: difficultyBinsChart(`difficulty-${i}`, name, result.bins),
        caption: html`<b>${name}</b>, ${kinds[result.kind]}; computed on ${sources[result.source]}. Mark: median of the bin; bar: its low to high.${result.notes.map((note) => html` ${note}`)}${
          settings === null ? null : html`<details><summary>Settings</summary>${settings}</details>`
        }`,
        numbers: binsTable(result),
      });
    })}</div>`,
  ];
}

function binsTable({ bins }: EstimatorResult): Html | null {
  return dataTable(
    'Difficulty by bin',
    bins,
    [
      { header: 'Bin', rowHeader: true, cell: ({ bin }) => formatCount(bin) },
      { header: 'Records', cell: ({ count }) => formatCount(count) },
      { header: 'Median', cell: ({ median }) => formatSignificant(median) },
      { header: 'Low to high', cell: ({ low, high }) => `${formatSignificant(low)} to ${formatSignificant(high)}` },
    ],
    'compact',
  );
}

function records({ hardest, easiest, estimators }: DifficultyReport): Content {
  if (hardest.length === 0 && easiest.length === 0) return null;
  const by = estimators.length === 0 ? '' : ` by ${estimatorName(estimators[0].estimator).toLowerCase()}`;
  const table = (caption: string, rows: DifficultyReport['hardest']) =>
    dataTable(
      caption,
      rows,
      [
        { header: 'Record', rowHeader: true, cell: ({ sampleId }) => html`<code>${sampleId}</code>` },
        { header: 'Difficulty', cell: ({ difficulty }) => formatSignificant(difficulty) },
      ],
      'compact',
    );
  return html`<h3>Which records</h3><div class="columns"><div>${table(`Hardest to remove${by}`, hardest)}</div><div>${table(`Easiest to remove${by}`, easiest)}</div></div>`;
}
