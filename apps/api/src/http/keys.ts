import { createHash } from 'node:crypto';
import { EngramError } from '@engram/domain';
import type { FastifyRequest } from 'fastify';

/** A key and the project whose resources it opens. */
export interface ProjectKey {
  readonly project: string;
  readonly key: string;
}

/** Tells whom a request is for. */
export type Authenticate = (request: FastifyRequest) => Promise<string>;

export interface KeyOptions {
  readonly keys: readonly ProjectKey[];
  /** True when the service listens beyond this machine. */
  readonly keysRequired: boolean;
  /** The project of a key that is kept elsewhere. */
  readonly verify: (key: string) => Promise<string | undefined>;
}

/** The project of requests without a key, on loopback only. */
export const defaultProject = 'default';

/**
 * Without any key configured and on loopback, every request is for the project `default`; a page of another site open
 * in a browser on this machine is kept out by `Host` and `Origin`. Otherwise `Authorization: Bearer` names the project.
 * Only digests of keys are held.
 */
export function authenticateBy(options: KeyOptions): Authenticate {
  const projects = new Map(options.keys.map(({ key, project }) => [digestOfKey(key), project]));
  const open = !options.keysRequired && projects.size === 0;
  return async (request) => {
    const header = request.headers.authorization;
    if (header === undefined && open) {
      refuseOtherSites(request);
      return defaultProject;
    }
    const key = /^Bearer\s+(\S+)$/i.exec(header ?? '')?.[1];
    if (key === undefined) throw new EngramError('ENG_UNAUTHENTICATED', 'the request carries no bearer key');
    const project = projects.get(digestOfKey(key)) ?? (await options.verify(key));
    if (project === undefined) throw new EngramError('ENG_UNAUTHENTICATED', 'the key is not known');
    return project;
  };
}

function digestOfKey(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

function refuseOtherSites(request: FastifyRequest): void {
  const host = hostName(`http://${request.headers.host ?? ''}`);
  const { origin } = request.headers;
  const foreign = !isLocal(host) || (origin !== undefined && !isLocal(hostName(origin)));
  if (foreign)
    throw new EngramError(
      'ENG_UNAUTHENTICATED',
      'without keys only this machine is served, and no page of another site',
      {
        remedy: 'Ask at http://127.0.0.1 or http://localhost, or start the service with ENGRAM_API_KEYS.',
      },
    );
}

function hostName(url: string): string {
  return URL.canParse(url) ? new URL(url).hostname : '';
}

function isLocal(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host);
}
