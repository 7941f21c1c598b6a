import type { DomainName, DomainNameConfiguration } from '@aws-sdk/client-apigatewayv2';
import type { Scope } from '../../base/scope.ts';
import { type Reader, table } from '../../store/store.ts';
import { missingDomainName } from './faults.ts';

type Configuration = Omit<DomainNameConfiguration, 'CertificateUploadDate'>;

export interface DomainNameRow extends Omit<DomainName, 'DomainName' | 'DomainNameConfigurations'> {
  readonly DomainName: string;
  readonly DomainNameConfigurations: readonly Configuration[];
}

/** Key: the domain name. */
export const domainNames = table<DomainNameRow>('apigatewayv2.domain-names');

/** Throws NotFoundException. */
export async function readDomainName(
  rows: Pick<Reader, 'get'>,
  scope: Scope,
  name: string,
): Promise<DomainNameRow> {
  const row = await rows.get(domainNames, scope, name);
  if (!row) throw missingDomainName();
  return row;
}
