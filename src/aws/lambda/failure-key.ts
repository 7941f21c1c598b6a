import { randomUUID } from 'node:crypto';

/** How keys of records in buckets end: `2026/11/29/2026-11-29T07.41.06-{random}`. */
export function failureKey(now: number): string {
  const iso = new Date(now).toISOString();
  return `${iso.slice(0, 10).replaceAll('-', '/')}/${iso.slice(0, 19).replaceAll(':', '.')}-${randomUUID()}`;
}
