import { type Digest, EngramError, isTerminal, type StoredDataset, type StoredModel } from '@engram/domain';
import {
  type AuditEvent,
  type AuditNotice,
  type AuditRecord,
  type AuditRecords,
  type ItemRecord,
  type ItemRecords,
  type NewEvent,
  newId,
  type PageRequest,
  type RecordPage,
  type RecordStore,
  type TaskDuration,
} from '@engram/storage';
import { invalidCursor } from '../http/cursor.js';

interface Held<S> extends ItemRecord<S> {
  readonly digests: readonly Digest[];
}

/** Records in memory: what the port means, in few words. */
export class MemoryRecords implements RecordStore {
  readonly kind = 'embedded';
  readonly recordedAudits: AuditRecord[] = [];
  readonly recordedEvents = new Map<string, AuditEvent[]>();
  readonly recordedDurations: (TaskDuration & { readonly project: string })[] = [];
  readonly knownKeys = new Map<string, string>();
  private readonly heldModels: Held<StoredModel>[] = [];
  private readonly heldDatasets: Held<StoredDataset>[] = [];
  private readonly repeated = new Map<string, { readonly bodyDigest: Digest; readonly id: string }>();
  private readonly readers = new Map<string, readonly string[]>();
  private readonly listeners = new Set<(notice: AuditNotice | undefined) => void>();

  readonly models: ItemRecords<StoredModel> = this.items(this.heldModels, 'ENG_MODEL_NOT_FOUND');
  readonly datasets: ItemRecords<StoredDataset> = this.items(this.heldDatasets, 'ENG_DATASET_NOT_FOUND');

  readonly audits: AuditRecords = {
    create: async (project, { id = newId('audit'), events, inputs, ...values }, idempotency) => {
      const earlier = idempotency === undefined ? undefined : await this.audits.findIdempotent(project, idempotency);
      if (earlier !== undefined) return { audit: earlier, created: false };
      if (idempotency !== undefined) this.repeated.set(`${project} ${idempotency.key}`, { ...idempotency, id });
      const now = new Date().toISOString();
      const audit: AuditRecord = {
        ...values,
        id,
        project,
        status: 'queued',
        findings: [],
        verdict: null,
        report: null,
        error: null,
        version: 1,
        lastEvent: 0,
        createdAt: now,
        startedAt: null,
        finishedAt: null,
        updatedAt: now,
      };
      this.readers.set(id, [...inputs.models, ...inputs.datasets]);
      this.recordedAudits.unshift(audit);
      return { audit: this.replace(audit, {}, events), created: true };
    },
    findIdempotent: async (project, { key, bodyDigest }) => {
      const known = this.repeated.get(`${project} ${key}`);
      if (known === undefined) return undefined;
      if (known.bodyDigest !== bodyDigest)
        throw new EngramError('ENG_IDEMPOTENCY_CONFLICT', 'the key was used for another request');
      return this.audits.get(project, known.id);
    },
    get: async (project, id) => {
      const found = this.recordedAudits.find((each) => each.project === project && each.id === id);
      if (found === undefined) throw new EngramError('ENG_AUDIT_NOT_FOUND', `no audit ${id}`);
      return found;
    },
    list: async (project, page) =>
      pageOf(
        this.recordedAudits.filter((each) => each.project === project),
        page,
        ({ id }) => id,
      ),
    change: async (project, id, from, change, events = []) => {
      const current = await this.audits.get(project, id);
      return (from as readonly string[]).includes(current.status) ? this.replace(current, change, events) : undefined;
    },
    events: async (project, id, after, limit = 1000) => {
      await this.audits.get(project, id);
      return (this.recordedEvents.get(id) ?? []).filter(({ sequence }) => sequence > after).slice(0, limit);
    },
    unfinished: async () => this.recordedAudits.filter(({ status }) => !isTerminal(status)).reverse(),
  };

  readonly durations: RecordStore['durations'] = {
    add: async (project, duration) => {
      const known = this.recordedDurations.some((each) => each.project === project && each.task === duration.task);
      if (!known) this.recordedDurations.push({ project, ...duration });
    },
    rates: async (project) =>
      this.recordedDurations
        .filter((each) => each.project === project)
        .map(({ kind, device, units, durationMs }) => ({ kind, device, msPerUnit: durationMs / units, tasks: 1 })),
  };

  readonly keys: RecordStore['keys'] = {
    issue: async (project, name) => {
      const id = newId('key');
      const key = `eng_${id}`;
      this.knownKeys.set(key, project);
      return { record: { id, project, name, createdAt: new Date().toISOString(), revokedAt: null }, key };
    },
    verify: async (key) => {
      const project = this.knownKeys.get(key);
      return project === undefined ? undefined : { project, id: key };
    },
    list: async () => [],
    revoke: async () => {},
    any: async () => this.knownKeys.size > 0,
  };

  async unrecorded(project: string, digests: readonly Digest[]) {
    const held = [...this.heldModels, ...this.heldDatasets].filter((each) => each.project === project);
    const recorded = new Set(held.flatMap((each) => each.digests));
    return digests.filter((digest) => !recorded.has(digest));
  }
  watch(listener: (notice: AuditNotice | undefined) => void) {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }
  async health() {
    return { latencyMs: 0 };
  }
  async close() {}

  private replace(current: AuditRecord, change: object, events: readonly NewEvent[]): AuditRecord {
    const at = new Date().toISOString();
    const told = this.recordedEvents.get(current.id) ?? [];
    for (const event of events) told.push({ ...event, sequence: told.length + 1, at });
    this.recordedEvents.set(current.id, told);
    const changed = { ...current, ...change };
    const next: AuditRecord = {
      ...changed,
      version: current.version + 1,
      lastEvent: told.length,
      updatedAt: at,
      startedAt: changed.status === 'running' ? (current.startedAt ?? at) : current.startedAt,
      finishedAt: isTerminal(changed.status) ? at : null,
    };
    this.recordedAudits[this.recordedAudits.findIndex(({ id }) => id === current.id)] = next;
    for (const listener of this.listeners) listener({ project: next.project, auditId: next.id });
    return next;
  }

  private items<S extends { readonly id: string }>(
    held: Held<S>[],
    missing: 'ENG_MODEL_NOT_FOUND' | 'ENG_DATASET_NOT_FOUND',
  ): ItemRecords<S> {
    const find = (project: string, id: string) => {
      const found = held.find((each) => each.project === project && each.stored.id === id);
      if (found === undefined) throw new EngramError(missing, `there is no ${id}`);
      return found;
    };
    return {
      create: async (project, { stored, artifact, digests }) => {
        const record = {
          project,
          createdAt: new Date().toISOString(),
          artifact,
          stored,
          digests: [artifact, ...digests],
        };
        held.unshift(record);
        return record;
      },
      get: async (project, id) => find(project, id),
      list: async (project, page) =>
        pageOf(
          held.filter((each) => each.project === project),
          page,
          ({ stored }) => stored.id,
        ),
      delete: async (project, id) => {
        const removed = find(project, id);
        const reader = this.recordedAudits.find(
          (audit) => !isTerminal(audit.status) && this.readers.get(audit.id)?.includes(id),
        );
        if (reader !== undefined) throw new EngramError('ENG_IN_USE', `audit ${reader.id} reads ${id}`);
        held.splice(held.indexOf(removed), 1);
        return { removed, orphaned: await this.unrecorded(project, removed.digests) };
      },
    };
  }
}

function pageOf<T>(items: readonly T[], { limit, cursor }: PageRequest, idOf: (item: T) => string): RecordPage<T> {
  const start = cursor === undefined ? 0 : items.findIndex((item) => idOf(item) === cursor) + 1;
  if (cursor !== undefined && start === 0) throw invalidCursor();
  const page = items.slice(start, start + limit);
  const last = page.at(-1);
  return { items: page, nextCursor: start + limit < items.length && last !== undefined ? idOf(last) : null };
}
