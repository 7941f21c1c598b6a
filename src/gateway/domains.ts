/** Custom domain names by host: read whole at the first request that asks, and again after a change. */
import type { DomainDocument, LoadDomains } from './config.ts';
import { compileDomainRoutes, type RouteDomain } from './route-domain.ts';

export interface Domain {
  readonly document: DomainDocument;
  readonly route: RouteDomain;
}

export interface Domains {
  /** By a Host header or a server name, in any case, with or without a port; null: nobody has it. */
  find(host: string): Domain | null | Promise<Domain | null>;
  /** Requests after this see the change; those under way end where they were going. */
  changed(): void;
}

type Index = ReadonlyMap<string, Domain>;

export function createDomains(load: LoadDomains): Domains {
  let index: Index | undefined;
  let asked: Promise<Index> | undefined;
  const ask = (): Promise<Index> => {
    const own: Promise<Index> = load().then(
      (documents) => {
        const read = indexOf(documents);
        // Changed meanwhile: what was read serves those who waited, and nobody after them.
        if (asked === own) index = read;
        return read;
      },
      (reason: unknown) => {
        if (asked === own) asked = undefined;
        throw reason;
      },
    );
    asked = own;
    return own;
  };
  return {
    find(host) {
      if (index !== undefined) return index.size === 0 ? null : lookUp(index, host);
      return (asked ?? ask()).then((read) => lookUp(read, host));
    },
    changed() {
      index = undefined;
      asked = undefined;
    },
  };
}

/**
 * Two regions may have the same name, and DNS tells them apart: here the first of them by account and region has it.
 * A private name gives way to a public one.
 */
function indexOf(documents: readonly DomainDocument[]): Index {
  const index = new Map<string, Domain>();
  for (const document of documents) {
    const known = index.get(document.domainName)?.document;
    if (known === undefined || (known.endpointType === 'PRIVATE' && document.endpointType !== 'PRIVATE'))
      index.set(document.domainName, { document, route: compileDomainRoutes(document) });
  }
  return index;
}

/** A wildcard stands for one label: https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-custom-domains.html */
function lookUp(index: Index, host: string): Domain | null {
  const name = hostNameOf(host);
  return index.get(name) ?? index.get(`*${name.slice(name.indexOf('.'))}`) ?? null;
}

/** `API.example.com:4566` and `api.example.com.` are `api.example.com`. */
export function hostNameOf(host: string): string {
  const colon = host.lastIndexOf(':');
  const bare = colon === -1 || host.endsWith(']') ? host : host.slice(0, colon);
  return (bare.endsWith('.') ? bare.slice(0, -1) : bare).toLowerCase();
}
