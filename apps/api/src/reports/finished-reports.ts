import { readReport, readSampleTable, type SampleTable } from '@engram/audits';
import type { Report } from '@engram/contract';
import type { ArtifactStore, Digest } from '@engram/domain';
import { decodeBundle } from '@engram/numeric';
import { renderReportPage } from '@engram/report';

/** What the last task of an audit left, in the forms it is asked for. */
export interface FinishedReport {
  readonly report: Report;
  readonly table: SampleTable;
  readonly sizeBytes: number;
  page(): string;
}

/** Reports stay open for a while: a table is paged through, a page is looked at beside its JSON. */
const openReports = 8;
const openBytes = 256 * 1024 * 1024;

/** Opens finished audits' reports by digest, the last used ones from memory. */
export class FinishedReports {
  private readonly store: ArtifactStore;
  private readonly open = new Map<string, Promise<FinishedReport>>();

  constructor(store: ArtifactStore) {
    this.store = store;
  }

  /** @throws ENG_ARTIFACT_NOT_FOUND, ENG_ARTIFACT_CORRUPT. */
  async read(project: string, digest: Digest): Promise<FinishedReport> {
    const name = `${project}/${digest}`;
    const opened = this.open.get(name) ?? this.load(project, digest);
    this.open.delete(name);
    this.open.set(name, opened);
    try {
      await this.closeOldest();
      return await opened;
    } catch (error) {
      this.open.delete(name);
      throw error;
    }
  }

  private async load(project: string, digest: Digest): Promise<FinishedReport> {
    const bytes = await this.store.read(project, digest);
    const bundle = decodeBundle(bytes, 'the report');
    const report = readReport(bundle);
    let page: string | undefined;
    return {
      report,
      table: readSampleTable(bundle),
      sizeBytes: bytes.byteLength,
      page() {
        page ??= renderReportPage(report);
        return page;
      },
    };
  }

  private async closeOldest(): Promise<void> {
    let bytes = 0;
    let count = 0;
    for (const [name, opening] of [...this.open].reverse()) {
      const { sizeBytes } = await opening.catch(() => ({ sizeBytes: 0 }));
      bytes += sizeBytes;
      count += 1;
      if (count > 1 && (count > openReports || bytes > openBytes)) this.open.delete(name);
    }
  }
}
