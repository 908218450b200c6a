import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { Json } from '@engram/domain';

/** An event of an audit as recorded: `sequence` rises within the audit. */
export interface RecordedEvent {
  readonly sequence: number;
  readonly type: string;
  readonly data: Json;
}

export interface EventStream {
  /** The last event the client has seen; 0 = none. */
  readonly after: number;
  /** Events after a sequence number, oldest first, and whether none will follow them. */
  read(after: number): Promise<{ readonly events: readonly RecordedEvent[]; readonly ended: boolean }>;
  /** A mark to wait from; see {@link EventStream.wait}. */
  mark(): number;
  /** Resolves when there may be more than at `mark`, or after at most `forMs`. */
  wait(mark: number, forMs: number): Promise<void>;
  readonly signal: AbortSignal;
}

/** Proxies drop connections that are silent for a minute; a comment keeps them. */
const heartbeatMs = 15_000;

/** Writes server-sent events until the audit has ended or the client is gone. */
export async function writeEvents(response: ServerResponse, stream: EventStream): Promise<void> {
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache, no-transform',
    'x-accel-buffering': 'no',
  });
  response.write('retry: 2000\n\n');
  let after = stream.after;
  let spokenAt = Date.now();
  while (!stream.signal.aborted) {
    const mark = stream.mark();
    const { events, ended } = await stream.read(after);
    for (const event of events) {
      await write(
        response,
        `id: ${event.sequence}\nevent: ${event.type}\ndata: ${JSON.stringify(event.data)}\n\n`,
        stream.signal,
      );
      after = event.sequence;
    }
    if (ended) break;
    if (events.length > 0) {
      // They may have come a page at a time: the next one is read before waiting.
      spokenAt = Date.now();
      continue;
    }
    if (Date.now() - spokenAt >= heartbeatMs) {
      await write(response, ': still here\n\n', stream.signal);
      spokenAt = Date.now();
    }
    await stream.wait(mark, heartbeatMs);
  }
  response.end();
}

/** Waits for a slow client instead of collecting its events in memory. */
async function write(response: ServerResponse, text: string, signal: AbortSignal): Promise<void> {
  if (signal.aborted || response.write(text)) return;
  await once(response, 'drain', { signal }).catch(() => {});
}
