import { createHash } from 'node:crypto';
import { estimateCost, type PreparedAudit, prepareAudit } from '@engram/audits';
import { type AuditProgress, type AuditRequest, type Estimate, longestWaitSeconds } from '@engram/contract';
import { type ArtifactStore, EngramError, isTerminal, type Json, type TaskKey } from '@engram/domain';
import { canonicalJson } from '@engram/numeric';
import { type AuditRecord, type IdempotencyKey, type NewAudit, newId, type RecordStore } from '@engram/storage';
import type { FastifyReply } from 'fastify';
import { statusEvent } from '../conductor/audit-events.js';
import type { Conductor } from '../conductor/conductor.js';
import type { Paces } from '../conductor/paces.js';
import { settledTasks } from '../conductor/tasks-to-run.js';
import type { Call, Handlers } from '../http/call.js';
import { clientGone } from '../http/client-gone.js';
import { isKnown, sendVersion, versionTag } from '../http/conditional.js';
import { auditResource } from './audit-resource.js';
import { writeEvents } from './event-stream.js';
import { namedResources } from './named-resources.js';
import type { WatchedAudits } from './watched-audits.js';

export interface AuditParts {
  readonly records: RecordStore;
  readonly store: ArtifactStore;
  readonly conductor: Pick<Conductor, 'start' | 'cancel'>;
  readonly paces: Paces;
  readonly watched: WatchedAudits;
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
      const { items, nextCursor } = await records.audits.list(project, query);
      return { items: items.map(auditResource), nextCursor };
    },
    getAudit: (call) => getAudit(parts, call),
    streamAuditEvents: (call) => streamAuditEvents(parts, call),
    async cancelAudit({ project, params, reply }) {
      const audit = await records.audits.get(project, params.id);
      if (isTerminal(audit.status)) throw alreadyFinished(audit);
      const after = await conductor.cancel(audit);
      if (after.status !== 'cancelled') throw alreadyFinished(after);
      reply.code(202);
      return auditResource(after);
    },
  };
}

function alreadyFinished(audit: AuditRecord): EngramError {
  return new EngramError('ENG_AUDIT_ALREADY_FINISHED', `audit ${audit.id} is ${audit.status}: it cannot be cancelled`);
}

async function createAudit(parts: AuditParts, call: Call<'createAudit'>) {
  const { records, store, conductor } = parts;
  const { project, body: request, reply } = call;
  const idempotency = idempotencyOf(call);
  const earlier = idempotency === undefined ? undefined : await records.audits.findIdempotent(project, idempotency);
  if (earlier !== undefined) return accepted(reply, earlier);
  const id = newId('audit');
  const prepared = prepareAudit(id, request, await namedResources(parts, project, request));
  const settled = await settledTasks(store, project, prepared.plan);
  const estimate = await estimateOf(parts, project, prepared, settled);
  if (call.query.dryRun === 'true') return { request, notices: [...prepared.notices], estimate };

  await Promise.all(prepared.artifacts.map((bytes) => store.put(project, bytes)));
  // Nothing but the audit refers to its plan: it goes when another with the same key came first, or nothing came of it.
  const recording = records.audits.create(
    project,
    newAudit(id, request, prepared, settled.size, estimate),
    idempotency,
  );
  const recorded = await recording.catch(async (error: unknown) => {
    await store.delete(project, prepared.planDigest);
    throw error;
  });
  if (recorded.created) conductor.start(recorded.audit);
  else await store.delete(project, prepared.planDigest);
  return accepted(reply, recorded.audit);
}

function newAudit(
  id: string,
  request: AuditRequest,
  { plan, planDigest, notices }: PreparedAudit,
  done: number,
  estimate: Estimate,
): NewAudit {
  const progress: AuditProgress = {
    done,
    total: plan.tasks.length,
    unit: 'task',
    phase: null,
    etaSeconds: estimate.seconds,
  };
  return {
    id,
    name: request.name,
    request: request as unknown as Json,
    seed: request.seed,
    plan: planDigest,
    progress,
    estimate: estimate as unknown as Json,
    notices,
    inputs: inputsOf(request),
    events: [statusEvent('queued', new Date().toISOString())],
  };
}

function accepted(reply: FastifyReply, audit: AuditRecord) {
  reply.code(202).header('location', `/v1/audits/${audit.id}`).header('retry-after', String(askAgainSeconds));
  return auditResource(audit);
}

function inputsOf({ model, data }: AuditRequest) {
  const datasets = Object.values(data).filter((id) => id !== undefined);
  return { models: model === undefined ? [] : [model], datasets };
}

function idempotencyOf({ request, body, query }: Call<'createAudit'>): IdempotencyKey | undefined {
  const key = request.headers['idempotency-key'];
  if (key === undefined || query.dryRun === 'true') return undefined;
  if (typeof key !== 'string' || !/^[\x21-\x7e]{1,200}$/.test(key))
    throw new EngramError('ENG_REQUEST_INVALID', 'expected an Idempotency-Key of 1 to 200 visible characters', {
      faults: [{ pointer: 'Idempotency-Key', message: 'empty, too long, or with spaces' }],
    });
  const bodyDigest = createHash('sha256')
    .update(canonicalJson(body as unknown as Json))
    .digest('hex');
  return { key, bodyDigest };
}

async function estimateOf(
  { paces }: AuditParts,
  project: string,
  { plan }: PreparedAudit,
  finished: ReadonlySet<TaskKey>,
): Promise<Estimate> {
  const { pace, slots, workers } = await paces.outlook(project);
  const { seconds, tasks, byKind } = estimateCost(plan, pace, { workers: slots, finished });
  return { seconds, tasks, workers, byKind };
}

async function getAudit(parts: AuditParts, { project, params, query, request, reply }: Call<'getAudit'>) {
  const { watched, stopping } = parts;
  const until = Date.now() + Math.min(query.wait, longestWaitSeconds) * 1000;
  const gone = query.wait > 0 ? clientGone(reply, stopping) : stopping;
  let seen: string | undefined;
  for (;;) {
    const mark = watched.mark(params.id);
    const { audit, body } = await watched.read(project, params.id);
    const tag = versionTag(audit.version);
    // The client waits for something it has not seen: its own version, else what was there when it asked.
    seen ??= request.headers['if-none-match'] === undefined || isKnown(request, tag) ? tag : '';
    const left = until - Date.now();
    if (tag !== seen || left <= 0 || isTerminal(audit.status) || gone.aborted) {
      if (!isTerminal(audit.status)) reply.header('retry-after', String(askAgainSeconds));
      return sendVersion(request, reply, tag, body);
    }
    await watched.wait(params.id, mark, left, gone);
  }
}

async function streamAuditEvents(
  { records, watched, stopping }: AuditParts,
  { project, params, request, reply }: Call<'streamAuditEvents'>,
): Promise<FastifyReply> {
  const { id } = await watched.get(project, params.id);
  const after = lastEventId(request.headers['last-event-id']);
  const read = async (sequence: number) => {
    const events = await records.audits.events(project, id, sequence);
    // Events end with the audit: only one whose last event has been read is over.
    const audit = await watched.get(project, id);
    const read = events.at(-1)?.sequence ?? sequence;
    return { events, ended: isTerminal(audit.status) && read >= audit.lastEvent };
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
    mark: () => watched.mark(id),
    wait: (mark, forMs) => watched.wait(id, mark, forMs, signal),
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
