import type { MemorizationReport } from '@engram/contract';
import { intervalMark } from '../charts/interval-mark.js';
import { type Content, html } from '../markup/html.js';
import { formatCount, formatSignificant } from '../numbers/format-number.js';
import { measuredCell, measuredPhrase } from '../numbers/measured-cell.js';
import { foldedTable } from './data-table.js';

type Influence = NonNullable<MemorizationReport['influence']>;

const inSight = 8;

/** Which answers on other records hang on a memorized one? Single pairs, beside as many as chance alone gives. */
export function influencePart(influence: Influence): Content {
  const { measure, tests, threshold, memorized, pairs, mirroredPairs, testsReached, mirroredTests, strongest } =
    influence;
  return [
    html`<h3>What hangs on memorised records?</h3>`,
    html`<p>${formatCount(memorized)} records estimated as memorised were paired with ${formatCount(tests)} test records none of the models was trained on. ${formatCount(pairs)} pairs show an influence of ${formatSignificant(threshold)} or more; as far below zero, by chance alone, ${formatCount(mirroredPairs)}. Such a pair reaches ${measuredPhrase(testsReached, 'rate')} of the test records; by chance alone ${measuredPhrase(mirroredTests, 'rate')}. Compared is ${measure === 'soft' ? 'the probability given to the true answer' : 'whether the answer is right'}.</p>`,
    foldedTable(
      'The strongest pairs: a memorised record, and the test record it helps most. The strongest of many are partly luck',
      strongest,
      [
        {
          header: 'Memorised',
          rowHeader: true,
          cell: ({ sampleId, dataset }) => html`<code>${sampleId}</code> <span class="how">${dataset}</span>`,
        },
        { header: 'Helps', cell: ({ testId }) => html`<code>${testId}</code>` },
        { header: 'Influence', cell: ({ influence: measured }) => measuredCell(measured, 'gap') },
        {
          header: `0 to 1; dashed: ${formatSignificant(threshold)}`,
          cell: ({ influence: measured }) => intervalMark(measured, { from: 0, to: 1, reference: threshold }),
        },
      ],
      { inSight, more: (count) => `${formatCount(count)} more ${count === 1 ? 'pair' : 'pairs'}`, kind: 'compact' },
    ),
  ];
}
