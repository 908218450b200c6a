import assert from 'node:assert/strict';
import { type AuditEventName, auditEvents } from '@engram/contract';
import type { Client } from './client.js';

export interface ReceivedEvent {
  readonly id: number;
  readonly name: AuditEventName;
  readonly data: unknown;
}

/**
 * Server-sent events of an audit as a browser would take them, each held to its schema.
 *
 * @param after the last event seen; absent: none.
 * @param enough hangs up when it says so; absent: reads until the service ends the stream.
 */
export async function receiveEvents(
  client: Client,
  auditId: string,
  { after, enough = () => false }: { after?: number; enough?: (events: readonly ReceivedEvent[]) => boolean } = {},
): Promise<readonly ReceivedEvent[]> {
  const response = await client.send(`/v1/audits/${auditId}/events`, {
    headers: after === undefined ? {} : { 'last-event-id': String(after) },
  });
  if (response.status === 204) return [];
  assert.equal(response.status, 200);
  assert.match(response.headers.get('content-type') ?? '', /^text\/event-stream/);
  const events: ReceivedEvent[] = [];
  let text = '';
  const decoder = new TextDecoder();
  for await (const bytes of response.body!) {
    text += decoder.decode(bytes, { stream: true });
    const blocks = text.split('\n\n');
    text = blocks.pop()!;
    events.push(...blocks.flatMap(eventOf));
    // Leaving the loop closes the connection.
    if (enough(events)) break;
  }
  return events;
}

function eventOf(block: string): ReceivedEvent[] {
  const fields = Object.fromEntries(
    block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
  );
  if (fields.data === undefined) return [];
  const name = fields.event as AuditEventName;
  return [{ id: Number(fields.id), name, data: auditEvents[name].parse(JSON.parse(fields.data)) }];
}
