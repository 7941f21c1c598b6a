/**
 * Where GetFunction and GetLayerVersion say the code can be fetched: a link on this server, signed and good for ten
 * minutes as AWS's presigned links are. The key dies with the process, and links with it.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Now } from '../../base/clock.ts';
import type { RandomBytes } from '../../base/ids.ts';
import type { Store } from '../../store/store.ts';

const PATH = '/_aws/lambda/code/';
const GOOD_FOR_SECONDS = 600;

export interface CodeLinks {
  /** `{endpoint}/_aws/lambda/code/{blob}?...`. */
  link(endpoint: string, blobId: string): string;
  /** The zip behind a request target, or undefined when the link is not ours, has ended or was changed. */
  open(target: string): Promise<Uint8Array | undefined>;
}

export function createCodeLinks(ports: { store: Store; now: Now; random: RandomBytes }): CodeLinks {
  const key = ports.random(32);
  const sign = (blobId: string, expires: number): string =>
    createHmac('sha256', key).update(`${blobId}/${expires}`).digest('hex');
  return {
    link(endpoint, blobId) {
      const expires = Math.floor(ports.now() / 1000) + GOOD_FOR_SECONDS;
      return `${endpoint}${PATH}${blobId}?Expires=${expires}&Signature=${sign(blobId, expires)}`;
    },
    async open(target) {
      const url = new URL(target, 'http://code');
      if (!url.pathname.startsWith(PATH)) return undefined;
      const blobId = url.pathname.slice(PATH.length);
      const expires = Number(url.searchParams.get('Expires'));
      if (!(expires * 1000 >= ports.now())) return undefined;
      const expected = Buffer.from(sign(blobId, expires));
      const given = Buffer.from(url.searchParams.get('Signature') ?? '');
      if (expected.length !== given.length || !timingSafeEqual(expected, given)) return undefined;
      return ports.store.blobs.get(blobId);
    },
  };
}
