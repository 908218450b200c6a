import type { AuditRequest } from '@engram/contract';
import type { InspectedDataset, InspectedModel, Json, StoredDataset, StoredModel } from '@engram/domain';
import { canonicalJson } from '@engram/numeric';

/** The parts of an audit a dataset can play. */
export const dataRoles = ['members', 'nonMembers', 'auditSet', 'calibration', 'population', 'canaries'] as const;
export type DataRole = (typeof dataRoles)[number];

/** What a request's ids refer to. */
export interface AuditResources {
  readonly model?: StoredModel;
  readonly datasets: Readonly<Partial<Record<DataRole, StoredDataset>>>;
}

/** A request with what it refers to: what preflight and planning look at. */
export interface ResolvedAudit {
  readonly auditId: string;
  readonly request: AuditRequest;
  readonly model: StoredModel | undefined;
  readonly datasets: Readonly<Partial<Record<DataRole, StoredDataset>>>;
  /** Whether samples are judged from recorded outputs, by a classifier, or by a language model. */
  readonly target: 'outputs' | 'classifier' | 'languageModel';
  /** Samples being judged, by membership. */
  readonly members: number;
  readonly nonMembers: number;
}

/**
 * What a task needs to know of a model: everything but its id and name, so that two uploads of the same bytes share
 * their tasks.
 */
export interface ModelDescriptor {
  readonly manifest: { readonly [key: string]: Json };
  readonly inspected: InspectedModel;
  readonly files: StoredModel['files'];
}

export interface DatasetDescriptor {
  readonly inspected: InspectedDataset;
}

export function describeModel(model: StoredModel): ModelDescriptor {
  const { name: _name, ...manifest } = model.manifest;
  return { manifest, inspected: model.inspected, files: model.files };
}

export function describeDataset(dataset: StoredDataset): DatasetDescriptor {
  return { inspected: dataset.inspected };
}

/** A JSON document as the bytes it is stored under. */
export function jsonArtifact(document: unknown): Uint8Array {
  return new TextEncoder().encode(canonicalJson(document as Json));
}

/** Roles whose samples are rows of the audit, in row order: those judged, then non-members set aside to calibrate on. */
export function auditedRoles(datasets: ResolvedAudit['datasets']): DataRole[] {
  const judged: DataRole[] = datasets.auditSet === undefined ? ['members', 'nonMembers'] : ['auditSet'];
  return datasets.calibration === undefined ? judged : [...judged, 'calibration'];
}
