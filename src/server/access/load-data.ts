/** AWS's reference of a service, read at its first call. */
import { readFile } from 'node:fs/promises';
import type { AccessData } from './access-data.ts';

const loaded = new Map<string, Promise<AccessData>>();

export function loadAccessData(service: string): Promise<AccessData> {
  let data = loaded.get(service);
  if (data === undefined) {
    data = readFile(new URL(`data/${service}.json`, import.meta.url), 'utf8').then(
      (text) => JSON.parse(text) as AccessData, // written by scripts/access/generate.ts
    );
    loaded.set(service, data);
  }
  return data;
}
