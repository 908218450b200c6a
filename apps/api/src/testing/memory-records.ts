import { EngramError, isTerminal } from '@engram/domain';
import { invalidCursor } from '../http/cursor.js';
import type {
  AuditChange,
  AuditEvent,
  AuditOrigin,
  AuditRecord,
  DatasetRecord,
  Idempotency,
  ModelRecord,
  NewEvent,
  RecordPage,
  Records,
  TaskPace,
  TaskTiming,
} from '../records.js';
import { columnDigests } from '../uploads/upload-handlers.js';

/** Records in memory: what the port means, in few words. */
export class MemoryRecords implements Records {
  readonly models: ModelRecord[] = [];
  readonly datasets: DatasetRecord[] = [];
  readonly audits: AuditRecord[] = [];
  readonly events = new Map<string, AuditEvent[]>();
  readonly timings: TaskTiming[] = [];
  readonly keys = new Map<string, string>();
  private readonly repeated = new Map<string, { readonly requestDigest: string; readonly id: string }>();

  async addModel(record: ModelRecord) {
    this.models.unshift(record);
  }
  async findModel(project: string, id: string) {
    return this.models.find((each) => each.project === project && each.model.id === id);
  }
  async listModels(project: string, page: Page) {
    return pageOf(
      this.models.filter((each) => each.project === project),
      page,
      (each) => each.model.id,
    );
  }
  async deleteModel(project: string, id: string) {
    if ((await this.findModel(project, id)) !== undefined) this.refuseInUse(id);
    return take(this.models, (each) => each.project === project && each.model.id === id);
  }

  async addDataset(record: DatasetRecord) {
    this.datasets.unshift(record);
  }
  async findDataset(project: string, id: string) {
    return this.datasets.find((each) => each.project === project && each.dataset.id === id);
  }
  async listDatasets(project: string, page: Page) {
    return pageOf(
      this.datasets.filter((each) => each.project === project),
      page,
      (each) => each.dataset.id,
    );
  }
  async deleteDataset(project: string, id: string) {
    if ((await this.findDataset(project, id)) !== undefined) this.refuseInUse(id);
    return take(this.datasets, (each) => each.project === project && each.dataset.id === id);
  }

  async digestsInUse(project: string) {
    const models = this.models.filter((each) => each.project === project).flatMap(({ model }) => model.files);
    const datasets = this.datasets.filter((each) => each.project === project);
    return new Set([
      ...models.map(({ digest }) => digest),
      ...datasets.flatMap(({ dataset }) => columnDigests(Object.values(dataset.inspected.fields))),
    ]);
  }

  async addAudit(origin: AuditOrigin, events: readonly NewEvent[], idempotency?: Idempotency) {
    const known = idempotency === undefined ? undefined : await this.findRepeated(origin.project, idempotency);
    if (known !== undefined) return { audit: known, isNew: false };
    if (idempotency !== undefined)
      this.repeated.set(`${origin.project} ${idempotency.key}`, { ...idempotency, id: origin.id });
    const audit: AuditRecord = {
      ...origin,
      status: 'queued',
      progress: { done: 0, total: origin.estimate.tasks, unit: 'task', phase: null, etaSeconds: null },
      findings: [],
      verdict: null,
      error: null,
      reportDigest: null,
      startedAt: null,
      finishedAt: null,
    };
    this.audits.unshift(audit);
    this.tell(audit.id, events);
    return { audit, isNew: true };
  }
  async findRepeated(project: string, { key, requestDigest }: Idempotency) {
    const known = this.repeated.get(`${project} ${key}`);
    if (known === undefined) return undefined;
    if (known.requestDigest !== requestDigest)
      throw new EngramError('ENG_IDEMPOTENCY_CONFLICT', 'the key was used for another request');
    return this.findAudit(project, known.id);
  }
  async findAudit(project: string, id: string) {
    return this.audits.find((each) => each.project === project && each.id === id);
  }
  async findAuditOfAnyProject(id: string) {
    return this.audits.find((each) => each.id === id);
  }
  async listAudits(project: string, page: Page) {
    return pageOf(
      this.audits.filter((each) => each.project === project),
      page,
      (each) => each.id,
    );
  }
  async unfinishedAudits() {
    return this.audits.filter((each) => !isTerminal(each.status));
  }
  async changeAudit(id: string, change: (current: AuditRecord) => AuditChange | undefined) {
    const index = this.audits.findIndex((each) => each.id === id);
    const current = this.audits[index];
    if (current === undefined) return undefined;
    const wanted = isTerminal(current.status) ? undefined : change(current);
    if (wanted === undefined) return { audit: current, changed: false };
    const audit = { ...current, ...wanted.state };
    this.audits[index] = audit;
    this.tell(id, wanted.events);
    return { audit, changed: true };
  }
  async listEvents(id: string, after: number) {
    return (this.events.get(id) ?? []).filter(({ sequence }) => sequence > after);
  }

  async addTiming(timing: TaskTiming) {
    this.timings.push(timing);
  }
  async paces(): Promise<readonly TaskPace[]> {
    return this.timings.map(({ kind, device, units, durationMs }) => ({
      kind,
      device,
      secondsPerUnit: durationMs / 1000 / units,
    }));
  }
  async findKey(hash: string) {
    return this.keys.get(hash);
  }
  async hasKeys() {
    return this.keys.size > 0;
  }
  async ping() {}

  private tell(id: string, events: readonly NewEvent[]): void {
    const told = this.events.get(id) ?? [];
    for (const event of events) told.push({ ...event, sequence: told.length + 1 });
    this.events.set(id, told);
  }
  private refuseInUse(id: string): void {
    const user = this.audits.find(
      ({ status, request }) =>
        !isTerminal(status) && (request.model === id || Object.values(request.data).some((each) => each === id)),
    );
    if (user !== undefined) throw new EngramError('ENG_IN_USE', `audit ${user.id} uses ${id}`);
  }
}

type Page = { readonly limit: number; readonly cursor?: string | undefined };

function pageOf<T>(items: readonly T[], { limit, cursor }: Page, idOf: (item: T) => string): RecordPage<T> {
  const start = cursor === undefined ? 0 : items.findIndex((item) => idOf(item) === cursor) + 1;
  if (cursor !== undefined && start === 0) throw invalidCursor();
  const page = items.slice(start, start + limit);
  const last = page.at(-1);
  return { items: page, nextCursor: start + limit < items.length && last !== undefined ? idOf(last) : null };
}

function take<T>(items: T[], matches: (item: T) => boolean): T | undefined {
  const index = items.findIndex(matches);
  return index === -1 ? undefined : items.splice(index, 1)[0];
}
