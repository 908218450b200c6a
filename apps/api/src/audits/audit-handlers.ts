import { createHash } from 'node:crypto';
import { estimateCost, type PreparedAudit, prepareAudit } from '@engram/audits';
import { type Estimate, longestWaitSeconds } from '@engram/contract';
import { type ArtifactStore, EngramError, isTerminal, type TaskKey } from '@engram/domain';
import { canonicalJson } from '@engram/numeric';
import type { FastifyReply } from 'fastify';
import type { Conductor } from '../conductor/conductor.js';
import { statusEvent } from '../conductor/conductor.js';
import type { Paces } from '../conductor/paces.js';
import { settledTasks } from '../conductor/tasks-to-run.js';
import type { Call, Handlers } from '../http/call.js';
import { clientGone } from '../http/client-gone.js';
import { entityTag, isKnown, sendTagged } from '../http/conditional.js';
import { newId } from '../ids.js';
import type { AuditOrigin, AuditRecord, Idempotency, Records } from '../records.js';
import type { AuditChanges } from './audit-changes.js';
import { auditResource } from './audit-resource.js';
import { type RecordedEvent, writeEvents } from './event-stream.js';
import { namedResources } from './named-resources.js';

export interface AuditParts {
  readonly records: Records;
  readonly store: ArtifactStore;
  readonly conductor: Pick<Conductor, 'start' | 'cancel'>;
  readonly paces: Paces;
  readonly changes: AuditChanges;
  /** Aborted when the service stops: waiting answers end. */
  readonly stopping: AbortSignal;
}

type AuditRoutes = 'createAudit' | 'listAudits' | 'getAudit' | 'streamAuditEvents' | 'cancelAudit';

/** Seconds after which an unfinished audit is worth asking for again. */
const askAgainSeconds = 1;

export function auditHandlers(parts: AuditParts): Pick<Handlers, AuditRoutes> {
  const { records, conductor } = parts;
  return {
    createAudit: (call) => createAudit(parts, call),
    async listAudits({ project, query }) {
      const { items, nextCursor } = await records.listAudits(project, query);
      return { items: items.map(auditResource), nextCursor };
    },
    getAudit: (call) => getAudit(parts, call),
    streamAuditEvents: (call) => streamAuditEvents(parts, call),
    async cancelAudit({ project, params, reply }) {
      const audit = await findAudit(records, project, params.id);
      if (isTerminal(audit.status)) throw alreadyFinished(audit);
      const after = (await conductor.cancel(audit.id)) ?? audit;
      if (after.status !== 'cancelled') throw alreadyFinished(after);
      reply.code(202);
      return auditResource(after);
    },
  };
}

/** @throws ENG_AUDIT_NOT_FOUND: also for an id of another project. */
export async function findAudit(records: Records, project: string, id: string): Promise<AuditRecord> {
  const audit = await records.findAudit(project, id);
  if (audit === undefined) throw new EngramError('ENG_AUDIT_NOT_FOUND', `there is no audit ${id}`);
  return audit;
}

function alreadyFinished(audit: AuditRecord): EngramError {
  return new EngramError('ENG_AUDIT_ALREADY_FINISHED', `audit ${audit.id} is ${audit.status}: it cannot be cancelled`);
}

async function createAudit(parts: AuditParts, call: Call<'createAudit'>) {
  const { records, store, conductor } = parts;
  const { project, body: request, reply } = call;
  const idempotency = idempotencyOf(call);
  const repeated = idempotency === undefined ? undefined : await records.findRepeated(project, idempotency);
  if (repeated !== undefined) return accepted(reply, repeated);
  const id = newId('aud');
  const prepared = prepareAudit(id, request, await namedResources(records, project, request));
  const settled = await settledTasks(store, project, prepared.plan);
  const estimate = await estimateOf(parts, prepared, settled);
  if (call.query.dryRun === 'true') return { request, notices: [...prepared.notices], estimate };

  await Promise.all(prepared.artifacts.map((bytes) => store.put(project, bytes)));
  const createdAt = new Date().toISOString();
  const origin: AuditOrigin = {
    id,
    project,
    createdAt,
    request,
    planDigest: prepared.planDigest,
    root: prepared.plan.root,
    notices: prepared.notices,
    estimate,
  };
  const { audit, isNew } = await records.addAudit(origin, [statusEvent('queued', createdAt)], idempotency);
  if (isNew) conductor.start(audit);
  // Its plan names it, so nothing else refers to it.
  else await store.delete(project, prepared.planDigest);
  return accepted(reply, audit);
}

function accepted(reply: FastifyReply, audit: AuditRecord) {
  reply.code(202).header('location', `/v1/audits/${audit.id}`).header('retry-after', String(askAgainSeconds));
  return auditResource(audit);
}

function idempotencyOf({ request, body, query }: Call<'createAudit'>): Idempotency | undefined {
  const key = request.headers['idempotency-key'];
  if (key === undefined || query.dryRun === 'true') return undefined;
  if (typeof key !== 'string' || !/^[\x21-\x7e]{1,200}$/.test(key))
    throw new EngramError('ENG_REQUEST_INVALID', 'expected an Idempotency-Key of 1 to 200 visible characters', {
      faults: [{ pointer: 'Idempotency-Key', message: 'empty, too long, or with spaces' }],
    });
  return {
    key,
    requestDigest: createHash('sha256')
      .update(canonicalJson(body as never))
      .digest('hex'),
  };
}

async function estimateOf(
  { paces }: AuditParts,
  { plan }: PreparedAudit,
  finished: ReadonlySet<TaskKey>,
): Promise<Estimate> {
  const { pace, slots, workers } = await paces.outlook();
  const { seconds, tasks, byKind } = estimateCost(plan, pace, { workers: slots, finished });
  return { seconds, tasks, workers, byKind };
}

async function getAudit(parts: AuditParts, { project, params, query, request, reply }: Call<'getAudit'>) {
  const { records, changes, stopping } = parts;
  const until = Date.now() + Math.min(query.wait, longestWaitSeconds) * 1000;
  const gone = clientGone(reply, stopping);
  let seen: string | undefined;
  for (;;) {
    const version = changes.version(params.id);
    const audit = await findAudit(records, project, params.id);
    const body = JSON.stringify(auditResource(audit));
    const tag = entityTag(body);
    // The client waits for something it has not seen: its own version, else what was there when it asked.
    seen ??= request.headers['if-none-match'] === undefined || isKnown(request, tag) ? tag : '';
    const left = until - Date.now();
    if (tag !== seen || left <= 0 || isTerminal(audit.status) || gone.aborted) {
      if (!isTerminal(audit.status)) reply.header('retry-after', String(askAgainSeconds));
      return sendTagged(request, reply, body);
    }
    await changes.wait(params.id, version, left, gone);
  }
}

async function streamAuditEvents(
  { records, changes, stopping }: AuditParts,
  { project, params, request, reply }: Call<'streamAuditEvents'>,
): Promise<FastifyReply> {
  const { id } = await findAudit(records, project, params.id);
  const after = lastEventId(request.headers['last-event-id']);
  const read = async (sequence: number) => {
    // The record first: whatever ended it was told before, so no event can follow those read after it.
    const audit = await records.findAudit(project, id);
    const events: readonly RecordedEvent[] = await records.listEvents(id, sequence);
    return { events, ended: audit === undefined || isTerminal(audit.status) };
  };
  const first = await read(after);
  // A client that has seen the end is told not to come back.
  if (first.ended && first.events.length === 0) return reply.code(204).send();
  const signal = clientGone(reply, stopping);
  reply.hijack();
  for (const [name, value] of Object.entries(reply.getHeaders()))
    if (value !== undefined) reply.raw.setHeader(name, value);
  await writeEvents(reply.raw, {
    after,
    read,
    mark: () => changes.version(id),
    wait: (mark, forMs) => changes.wait(id, mark, forMs, signal),
    signal,
  });
  return reply;
}

function lastEventId(header: string | string[] | undefined): number {
  const sequence = Number(header ?? 0);
  if (Number.isSafeInteger(sequence) && sequence >= 0) return sequence;
  throw new EngramError('ENG_REQUEST_INVALID', 'expected a Last-Event-ID this stream gave out', {
    faults: [{ pointer: 'Last-Event-ID', message: 'not an id of this stream' }],
  });
}
