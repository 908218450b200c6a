import { Readable } from 'node:stream';
import { EngramError } from '@engram/domain';
import type { FastifyReply } from 'fastify';
import type { WatchedAudits } from '../audits/watched-audits.js';
import { preferred } from '../http/accept.js';
import type { Call, Handlers } from '../http/call.js';
import { sendTagged } from '../http/conditional.js';
import { offsetCursor, readOffsetCursor } from '../http/cursor.js';
import type { FinishedReport, FinishedReports } from './finished-reports.js';
import { parquetOf } from './sample-parquet.js';
import { csvOf, ndjsonOf } from './sample-text.js';

export interface ReportParts {
  readonly watched: WatchedAudits;
  readonly reports: FinishedReports;
}

type ReportRoutes = 'getReport' | 'getReportPage' | 'listSamples';

/** Nothing is loaded from elsewhere and nothing is run: the page has its own style only. */
const pagePolicy =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

export function reportHandlers(parts: ReportParts): Pick<Handlers, ReportRoutes> {
  return {
    async getReport({ project, params, request, reply }) {
      const finished = await finishedReport(parts, project, params.id);
      reply.header('vary', 'accept');
      if (preferred(request.headers.accept, ['application/json', 'text/html']) === 'text/html')
        return sendPage(reply, finished);
      return sendTagged(request, reply, JSON.stringify(finished.report));
    },
    async getReportPage({ project, params, reply }) {
      return sendPage(reply, await finishedReport(parts, project, params.id));
    },
    listSamples: (call) => listSamples(parts, call),
  };
}

/** @throws ENG_REPORT_NOT_READY with what the audit's status is instead. */
async function finishedReport({ watched, reports }: ReportParts, project: string, id: string): Promise<FinishedReport> {
  const audit = await watched.get(project, id);
  if (audit.report !== null) return reports.read(project, audit.report);
  const ended = audit.finishedAt !== null;
  throw new EngramError('ENG_REPORT_NOT_READY', `audit ${id} is ${audit.status}: it has no report`, {
    ...(ended ? { remedy: 'Read its error, correct what it names and post a new audit.' } : {}),
  });
}

function sendPage(reply: FastifyReply, finished: FinishedReport): FastifyReply {
  return reply
    .type('text/html; charset=utf-8')
    .header('content-security-policy', pagePolicy)
    .header('cache-control', 'private, no-cache')
    .send(finished.page());
}

async function listSamples(parts: ReportParts, { project, params, query, request, reply }: Call<'listSamples'>) {
  const { table } = await finishedReport(parts, project, params.id);
  reply.header('vary', 'accept');
  const form = preferred(request.headers.accept, [
    'application/json',
    'text/csv',
    'application/x-ndjson',
    'application/vnd.apache.parquet',
  ]);
  const attach = (extension: string) =>
    reply.header('content-disposition', `attachment; filename="${params.id}-samples.${extension}"`);
  switch (form) {
    case 'text/csv':
      return attach('csv')
        .type('text/csv; charset=utf-8')
        .send(Readable.from(csvOf(table)));
    case 'application/x-ndjson':
      return attach('ndjson')
        .type('application/x-ndjson; charset=utf-8')
        .send(Readable.from(ndjsonOf(table)));
    case 'application/vnd.apache.parquet':
      return attach('parquet')
        .type(form)
        .send(Readable.from(parquetOf(table)));
    case 'application/json':
      break;
  }
  const start = Math.min(readOffsetCursor(query.cursor), table.count);
  const end = Math.min(table.count, start + query.limit);
  return {
    items: Array.from({ length: end - start }, (_, offset) => table.row(start + offset)),
    nextCursor: end < table.count ? offsetCursor(end) : null,
    count: table.count,
    columns: [...table.columns],
  };
}
