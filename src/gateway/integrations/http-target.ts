/** An HTTP backend's URI, split when the stage is compiled; `{name}` is filled in for each request. */
import type { RestMethod } from '../kinds/rest-method.ts';
import { configurationError } from '../refusal.ts';
import type { Backend } from './http-connections.ts';

export interface HttpTarget {
  readonly backend: Backend;
  /** For the Host header: the port is left out where it is the scheme's own. */
  readonly authority: string;
  /** Path and query with `{name}` still in them. */
  readonly template: string;
}

/** How a backend's certificate is looked at, and what it is shown. */
export type Tls = Pick<Backend, 'verify' | 'certificate'>;

/** `tlsConfig` is for self-signed and private authorities; the certificate is the stage's. */
export const tlsOf = ({ integration, clientCertificate }: RestMethod): Tls => ({
  verify: integration.tlsConfig?.insecureSkipVerification !== true,
  ...(clientCertificate === undefined ? {} : { certificate: clientCertificate }),
});

const URI = /^(https?):\/\/([^/?#@]+)([^#]*)$/i;

/** Variables in host or port, `http://{host}/`, can be resolved only per request: pass the filled text then. */
export function parseTarget(uri: string, tls: Tls): HttpTarget {
  const parts = URI.exec(uri);
  const authority = parts?.[2] ?? '';
  const named = /^(\[[0-9a-fA-F:.]+\]|[^:[\]]+)(?::(\d{1,5}))?$/.exec(authority);
  if (parts === null || named === null) throw configurationError('Invalid endpoint address');
  const secure = parts[1]?.toLowerCase() === 'https';
  const usualPort = secure ? 443 : 80;
  const port = named[2] === undefined ? usualPort : Number(named[2]);
  const host = (named[1] ?? '').replace(/^\[|\]$/g, '');
  const rest = parts[3] ?? '';
  return {
    backend: { secure, host, port, serverName: host, ...tls },
    authority: port === usualPort ? (named[1] ?? '') : authority,
    template: rest.startsWith('/') ? rest : `/${rest}`,
  };
}

/** `{name}` and `{name+}` replaced by values as they came, undecoded. */
export function fillTemplate(template: string, value: (name: string) => string | undefined): string {
  if (!template.includes('{')) return template;
  return template.replace(/\{([^{}/]+?)\+?\}/g, (whole, name: string) => value(name) ?? whole);
}

/** What may stand in a request line: anything else would end it early. */
// eslint-disable-next-line no-control-regex
const BROKEN_TARGET = /[\0-\x20\x7f]/g;

/** Space and control characters are percent-encoded; everything else is sent as it is. */
export const safeTarget = (target: string): string =>
  target.replace(
    BROKEN_TARGET,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );

/** Text that Node would write as latin1, spelled so that its UTF-8 bytes are what is sent. */
export const asBytes = (text: string): string =>
  ASCII.test(text) ? text : Buffer.from(text, 'utf8').toString('latin1');

// eslint-disable-next-line no-control-regex
const ASCII = /^[\0-\x7f]*$/;
