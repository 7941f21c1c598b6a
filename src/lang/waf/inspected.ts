/** A request as the rules of a web ACL look at it: bytes as text of one character a byte, parsed at most once. */
import type { WebAclRequest } from '../../base/ports.ts';

export interface Pair {
  readonly name: string;
  readonly value: string;
}

/** https://docs.aws.amazon.com/waf/latest/developerguide/waf-oversize-request-components.html */
const HEADER_BYTES = 8192;
const HEADER_COUNT = 200;

export interface Limited {
  readonly pairs: readonly Pair[];
  readonly oversize: boolean;
}

export class Inspected {
  readonly request: WebAclRequest;
  readonly country: string | undefined;
  /** How much of a body is looked at. */
  readonly bodyBytes: number;
  readonly labels: string[] = [];
  #headers: readonly Pair[] | undefined;
  #cookies: readonly Pair[] | undefined;
  #query: readonly Pair[] | undefined;
  #body: Promise<{ readonly text: string; readonly oversize: boolean }> | undefined;

  constructor(request: WebAclRequest, country: string | undefined, bodyBytes: number) {
    this.request = request;
    this.country = country;
    this.bodyBytes = bodyBytes;
  }

  get headers(): readonly Pair[] {
    this.#headers ??= pairsOf(this.request.rawHeaders);
    return this.#headers;
  }

  /** Every value of that name; in lower case. */
  header(name: string): string[] {
    return this.headers.filter((pair) => pair.name === name).map(({ value }) => value);
  }

  get limitedHeaders(): Limited {
    return limited(this.headers);
  }

  get cookies(): readonly Pair[] {
    this.#cookies ??= this.header('cookie').flatMap(cookiesOf);
    return this.#cookies;
  }

  get limitedCookies(): Limited {
    return limited(this.cookies);
  }

  get query(): readonly Pair[] {
    this.#query ??= queryOf(this.request.rawQuery);
    return this.#query;
  }

  body(): Promise<{ readonly text: string; readonly oversize: boolean }> {
    // One byte more tells whether there is more.
    this.#body ??= this.request.body(this.bodyBytes + 1).then((bytes) => ({
      text: latin1(bytes.subarray(0, this.bodyBytes)),
      oversize: bytes.length > this.bodyBytes,
    }));
    return this.#body;
  }
}

export const latin1 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');

function pairsOf(raw: readonly string[]): Pair[] {
  const pairs: Pair[] = [];
  for (let at = 0; at < raw.length; at += 2)
    pairs.push({ name: (raw[at] ?? '').toLowerCase(), value: raw[at + 1] ?? '' });
  return pairs;
}

function limited(all: readonly Pair[]): Limited {
  const pairs: Pair[] = [];
  let size = 0;
  for (const pair of all) {
    size += pair.name.length + pair.value.length;
    if (size > HEADER_BYTES || pairs.length === HEADER_COUNT) return { pairs, oversize: true };
    pairs.push(pair);
  }
  return { pairs, oversize: false };
}

const cookiesOf = (header: string): Pair[] =>
  header
    .split(';')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => {
      const [name = '', ...value] = part.split('=');
      return { name: name.trim(), value: value.join('=').trim() };
    });

/** Undecoded: a rule says itself what it wants decoded. Names are compared without regard to case. */
const queryOf = (query: string): Pair[] =>
  query
    .split('&')
    .filter((part) => part !== '')
    .map((part) => {
      const [name = '', ...value] = part.split('=');
      return { name: name.toLowerCase(), value: value.join('=') };
    });
