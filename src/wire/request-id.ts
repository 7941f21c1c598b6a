/** Request ids, and how replies carry them. */
import { randomUUID } from 'node:crypto';
import { crc32 } from './codecs/crc.ts';
import type { Reply } from './protocols/protocol.ts';
import { hostId } from './protocols/rest-xml.ts';
import type { ServiceRow } from './services.ts';

/** S3's ids are 16 characters, DynamoDB's 52, all others are UUIDs. */
export function requestIdOf(row: ServiceRow): string {
  const id = randomUUID();
  if (row.id === 's3') return id.replace(/-/g, '').slice(0, 16).toUpperCase();
  if (row.id === 'dynamodb') return (id + randomUUID()).replace(/-/g, '').slice(0, 52).toUpperCase();
  return id;
}

/** Adds what every reply of a service carries. */
export function withIds(reply: Reply, row: ServiceRow, requestId: string): Reply {
  const { headers, body } = reply;
  if (row.id === 's3') {
    headers['x-amz-request-id'] = requestId;
    headers['x-amz-id-2'] = hostId(requestId);
  } else headers['x-amzn-RequestId'] = requestId;
  if (row.crc32 === true && typeof body === 'string')
    headers['x-amz-crc32'] = String(crc32(Buffer.from(body)));
  return reply;
}
