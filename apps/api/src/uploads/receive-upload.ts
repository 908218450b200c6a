import { EngramError, type StoredArtifact } from '@engram/domain';
import type { MultipartFile } from '@fastify/multipart';
import type { FastifyRequest } from 'fastify';

export interface UploadLimits {
  /** Of each file. */
  readonly fileBytes: number;
  /** Of all files together. */
  readonly totalBytes: number;
  readonly files: number;
}

/** One uploaded file, stored under its digest. */
export interface UploadedFile extends StoredArtifact {
  /** Relative, with forward slashes, checked. */
  readonly path: string;
}

export interface UploadReader<M> {
  /** Checks the manifest as soon as it is there: a wrong one is refused before its files are sent. */
  readonly manifest: (given: unknown) => M;
  /** Stores one file on its way through and gives the files it stands for: itself, or what an archive holds. */
  readonly file: (
    path: string,
    bytes: AsyncIterable<Uint8Array>,
    limitBytes: number,
  ) => Promise<readonly UploadedFile[]>;
}

export interface Upload<M> {
  readonly manifest: M;
  readonly files: readonly UploadedFile[];
}

const manifestLimitBytes = 1024 * 1024;
/** What the form itself may take beside the files. */
const formOverheadBytes = 8 * 1024 * 1024;
/** A client that stops sending for this long is given up, with what it has sent. */
const silenceMs = 120_000;
/** How long the rest of a refused body is read and dropped, so that the client gets to see the answer. */
const drainMs = 10_000;

/**
 * Reads a multipart upload: part `manifest`, then files whose file names are paths. Never holds a file in memory.
 *
 * @throws ENG_UPLOAD_TOO_LARGE a limit is passed. ENG_REQUEST_INVALID no manifest part first, two files of one path,
 *   a malformed body. ENG_MEDIA_TYPE_UNSUPPORTED not multipart. What `reader` throws.
 */
export async function receiveUpload<M>(
  request: FastifyRequest,
  limits: UploadLimits,
  reader: UploadReader<M>,
): Promise<Upload<M>> {
  if (!request.isMultipart())
    throw new EngramError('ENG_MEDIA_TYPE_UNSUPPORTED', 'expected multipart/form-data with a manifest and files', {
      remedy: 'Send the part manifest (JSON) first, then each file in a part whose file name is its path.',
    });
  const silence = setTimeout(() => request.raw.destroy(), silenceMs);
  try {
    refuseDeclaredSize(request, limits);
    return await readParts(request, limits, {
      manifest: reader.manifest,
      file: (path, bytes, limitBytes) =>
        reader.file(
          path,
          heard(bytes, () => silence.refresh()),
          limitBytes,
        ),
    });
  } catch (error) {
    drain(request);
    throw error;
  } finally {
    clearTimeout(silence);
  }
}

async function* heard(bytes: AsyncIterable<Uint8Array>, hear: () => void): AsyncGenerator<Uint8Array> {
  for await (const chunk of bytes) {
    hear();
    yield chunk;
  }
}

async function readParts<M>(
  request: FastifyRequest,
  limits: UploadLimits,
  reader: UploadReader<M>,
): Promise<Upload<M>> {
  const files = new Map<string, UploadedFile>();
  let manifest: { readonly value: M } | undefined;
  let left = limits.totalBytes;
  const parts = request.parts({
    preservePath: true,
    limits: {
      fileSize: Number.POSITIVE_INFINITY,
      fieldSize: manifestLimitBytes,
      // The manifest, and one more than may be: that one is refused by the count below.
      parts: limits.files + 2,
      files: limits.files + 2,
    },
  });
  for await (const part of parts) {
    if (manifest === undefined) {
      if (part.fieldname !== 'manifest')
        throw new EngramError(
          'ENG_REQUEST_INVALID',
          `expected the part manifest first, got ${quoted(part.fieldname)}`,
          {
            remedy: 'Send the part manifest before the files.',
            faults: [{ pointer: '/manifest', message: 'must be the first part' }],
          },
        );
      const given = part.type === 'file' ? parseManifest(await readSmall(part)) : manifestField(part);
      manifest = { value: reader.manifest(given) };
      continue;
    }
    if (part.type === 'field')
      throw new EngramError(
        'ENG_REQUEST_INVALID',
        `expected files after the manifest, got the field ${quoted(part.fieldname)}`,
        {
          remedy: 'Give each file part a file name: its path inside.',
          faults: [{ pointer: `/${part.fieldname}`, message: 'is not a file' }],
        },
      );
    const stored = await reader.file(part.filename, part.file, Math.min(limits.fileBytes, left));
    for (const file of stored) {
      left -= file.sizeBytes;
      if (files.has(file.path))
        throw new EngramError('ENG_REQUEST_INVALID', `two files have the path ${quoted(file.path)}`, {
          faults: [{ pointer: file.path, message: 'sent twice' }],
          remedy: 'Send each file once, under its own path.',
        });
      files.set(file.path, file);
    }
    refuseCounts(files.size, left, limits);
  }
  if (manifest === undefined)
    throw new EngramError('ENG_REQUEST_INVALID', 'expected the part manifest, got an empty form', {
      faults: [{ pointer: '/manifest', message: 'is missing' }],
    });
  return { manifest: manifest.value, files: [...files.values()] };
}

function refuseDeclaredSize(request: FastifyRequest, limits: UploadLimits): void {
  const declared = Number(request.headers['content-length'] ?? 0);
  if (declared > limits.totalBytes + formOverheadBytes)
    throw new EngramError(
      'ENG_UPLOAD_TOO_LARGE',
      `the upload may have ${limits.totalBytes} bytes in all, its Content-Length is ${declared}`,
      { faults: [{ pointer: 'Content-Length', message: `expected at most ${limits.totalBytes}, got ${declared}` }] },
    );
}

function refuseCounts(count: number, left: number, limits: UploadLimits): void {
  if (count > limits.files)
    throw new EngramError('ENG_UPLOAD_TOO_LARGE', `expected at most ${limits.files} files, got more`, {
      faults: [{ pointer: '', message: 'too many files' }],
      remedy: 'Put many small files into one array, table or archive within the limits.',
    });
  if (left < 0)
    throw new EngramError(
      'ENG_UPLOAD_TOO_LARGE',
      `the upload may have ${limits.totalBytes} bytes in all, it has more`,
      { faults: [{ pointer: '', message: 'too large' }] },
    );
}

function manifestField(part: { readonly value: unknown; readonly valueTruncated: boolean }): unknown {
  if (part.valueTruncated) throw manifestTooLarge();
  return typeof part.value === 'string' ? parseManifest(part.value) : part.value;
}

async function readSmall(part: MultipartFile): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of part.file as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > manifestLimitBytes) throw manifestTooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function manifestTooLarge(): EngramError {
  return new EngramError('ENG_UPLOAD_TOO_LARGE', `the manifest may have ${manifestLimitBytes} bytes, it has more`, {
    faults: [{ pointer: '/manifest', message: 'too large' }],
  });
}

function parseManifest(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw notJsonManifest();
  }
}

export function notJsonManifest(): EngramError {
  return new EngramError('ENG_MANIFEST_INVALID', 'the part manifest is not JSON', {
    faults: [{ pointer: '', message: 'not JSON' }],
    remedy: 'Send one JSON object in the part manifest, with double quotes and without trailing commas.',
  });
}

/** A refused body is read on and dropped for a while, then cut off: bytes cost neither memory nor disk meanwhile. */
function drain(request: FastifyRequest): void {
  const { raw } = request;
  if (raw.readableEnded || raw.destroyed) return;
  raw.unpipe();
  raw.resume();
  const timer = setTimeout(() => raw.socket.destroy(), drainMs);
  timer.unref();
  raw.once('close', () => clearTimeout(timer));
}

function quoted(name: string): string {
  return JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}…` : name);
}
