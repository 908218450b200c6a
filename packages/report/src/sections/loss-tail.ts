import type { MembershipReport } from '@engram/contract';
import type { Html } from '../markup/html.js';
import { formatPercent } from '../numbers/format-number.js';
import { measuredCell } from '../numbers/measured-cell.js';
import { dataTable } from './data-table.js';

/** The loss attack turned round: who can be ruled out as a member, because members have left the high losses. */
export function lossTailTable({ lossTail }: MembershipReport): Html | null {
  return dataTable(
    'The other end: records with a loss so high that hardly any member has it. Who can be ruled out as a member?',
    lossTail,
    [
      { header: 'Members beyond it', rowHeader: true, cell: ({ fnr }) => `at most ${formatPercent(fnr)}` },
      { header: 'Non-members beyond it', cell: ({ measured }) => measuredCell(measured, 'rate') },
      { header: 'Members really beyond it', cell: ({ realisedFnr }) => measuredCell(realisedFnr, 'rate') },
    ],
  );
}
