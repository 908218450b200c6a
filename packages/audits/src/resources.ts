import type { AuditRequest } from '@engram/contract';
import type { FittedModel } from '@engram/datasets';
import type { InspectedDataset, InspectedModel, Json, StoredDataset, StoredModel } from '@engram/domain';
import { isArchitectureFile } from '@engram/models';
import { canonicalJson } from '@engram/numeric';

/** The parts of an audit a dataset can play. */
export const dataRoles = ['members', 'nonMembers', 'auditSet', 'calibration', 'population', 'canaries'] as const;
export type DataRole = (typeof dataRoles)[number];

/** What a request's ids refer to. */
export interface AuditResources {
  readonly model?: StoredModel;
  /** Reference models the request names, in its order. */
  readonly references?: readonly StoredModel[];
  readonly datasets: Readonly<Partial<Record<DataRole, StoredDataset>>>;
}

/** A request with what it refers to: what preflight and planning look at. */
export interface ResolvedAudit {
  readonly auditId: string;
  readonly request: AuditRequest;
  readonly model: StoredModel | undefined;
  /** Reference models that were given, in the order of the request. */
  readonly references: readonly StoredModel[];
  readonly datasets: Readonly<Partial<Record<DataRole, StoredDataset>>>;
  /** Whether samples are judged from recorded outputs, or by a model, and of what kind. */
  readonly target: 'outputs' | 'classifier' | 'regression' | 'languageModel';
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

/** What a task needs to know of a layers model to build it anew: nothing of its weights, so that models share it. */
export interface ArchitectureDescriptor {
  readonly inspected: FittedModel;
  readonly files: StoredModel['files'];
}

export interface DatasetDescriptor {
  readonly inspected: InspectedDataset;
}

export function describeModel(model: StoredModel): ModelDescriptor {
  const { name: _name, ...manifest } = model.manifest;
  return { manifest, inspected: model.inspected, files: model.files };
}

export function describeArchitecture({ inspected, files }: StoredModel): ArchitectureDescriptor {
  const { task, inputs, classCount } = inspected;
  return {
    inspected: { task, inputs, ...(classCount === undefined ? {} : { classCount }) },
    files: files.filter(({ path }) => isArchitectureFile(path)),
  };
}

export function describeDataset(dataset: StoredDataset): DatasetDescriptor {
  return { inspected: dataset.inspected };
}

/** A JSON document as the bytes it is stored under. */
export function jsonArtifact(document: unknown): Uint8Array {
  return new TextEncoder().encode(canonicalJson(document as Json));
}

/** Roles whose samples are judged. */
export function judgedRoles(datasets: ResolvedAudit['datasets']): DataRole[] {
  return datasets.auditSet === undefined ? ['members', 'nonMembers'] : ['auditSet'];
}

/** Roles whose samples are rows of the audit, in row order: those judged, then non-members set aside to calibrate on. */
export function auditedRoles(datasets: ResolvedAudit['datasets']): DataRole[] {
  const judged = judgedRoles(datasets);
  return datasets.calibration === undefined ? judged : [...judged, 'calibration'];
}
