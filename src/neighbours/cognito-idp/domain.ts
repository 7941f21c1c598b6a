/** Domains: where a pool's hosted pages and OAuth endpoints are. */
import type {
  CreateUserPoolDomainRequest,
  DeleteUserPoolDomainRequest,
  DescribeUserPoolDomainRequest,
  DomainDescriptionType,
  UpdateUserPoolDomainRequest,
} from '@aws-sdk/client-cognito-identity-provider';
import type { Call } from '../../wire/service.ts';
import { invalidParameter, notFound, unsupported } from './fault.ts';
import { EVERYWHERE, needPool } from './places.ts';
import type { CognitoPorts } from './ports.ts';
import { type DomainRow, domainPlaces, type PoolRow, pools } from './rows.ts';

const PREFIX = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const RESERVED = /aws|amazon|cognito/;

export const domainOperations = ({ store }: CognitoPorts) => ({
  CreateUserPoolDomain: async (input: CreateUserPoolDomainRequest, { scope }: Call) => {
    const { Domain: domain = '', CustomDomainConfig: custom } = input;
    if (input.Routing !== undefined) throw unsupported('Routing');
    if (custom === undefined) checkPrefix(domain);
    await store.transaction(async (rows) => {
      const pool = await needPool(rows, scope, input.UserPoolId);
      if (pool[kindOf(custom !== undefined)] !== undefined)
        throw invalidParameter('User pool already has a domain configured.');
      if (await rows.get(domainPlaces, EVERYWHERE, domain))
        throw invalidParameter(`Domain already associated with another user pool.`);
      const row: DomainRow = {
        ...scope,
        domain,
        poolId: pool.id,
        managedLoginVersion: input.ManagedLoginVersion ?? 1,
        ...(custom?.CertificateArn && { certificateArn: custom.CertificateArn }),
      };
      await rows.put(domainPlaces, EVERYWHERE, domain, row);
      await rows.put(pools, scope, pool.id, { ...pool, [kindOf(custom !== undefined)]: domain });
    });
    return custom === undefined ? {} : { CloudFrontDomain: CLOUDFRONT };
  },

  UpdateUserPoolDomain: async (input: UpdateUserPoolDomainRequest, { scope }: Call) => {
    if (input.Routing !== undefined) throw unsupported('Routing');
    const row = await store.transaction(async (rows) => {
      await needPool(rows, scope, input.UserPoolId);
      const before = await rows.get(domainPlaces, EVERYWHERE, input.Domain ?? '');
      if (before === undefined || before.poolId !== input.UserPoolId)
        throw notFound(`Domain ${input.Domain} does not exist.`);
      const certificateArn = input.CustomDomainConfig?.CertificateArn ?? before.certificateArn;
      const changed: DomainRow = {
        ...before,
        managedLoginVersion: input.ManagedLoginVersion ?? before.managedLoginVersion,
        ...(certificateArn && { certificateArn }),
      };
      await rows.put(domainPlaces, EVERYWHERE, changed.domain, changed);
      return changed;
    });
    return row.certificateArn ? { CloudFrontDomain: CLOUDFRONT } : {};
  },

  DescribeUserPoolDomain: async (input: DescribeUserPoolDomainRequest, { scope }: Call) => {
    const row = await store.get(domainPlaces, EVERYWHERE, input.Domain ?? '');
    // AWS answers an empty description for a domain nobody has.
    if (row === undefined || row.account !== scope.account || row.region !== scope.region)
      return { DomainDescription: {} };
    return { DomainDescription: shown(row) };
  },

  DeleteUserPoolDomain: async (input: DeleteUserPoolDomainRequest, { scope }: Call) => {
    await store.transaction(async (rows) => {
      const pool = await needPool(rows, scope, input.UserPoolId);
      const row = await rows.get(domainPlaces, EVERYWHERE, input.Domain ?? '');
      if (row === undefined || row.poolId !== pool.id)
        throw invalidParameter('No such domain or user pool exists.');
      const left: PoolRow = { ...pool };
      const { [kindOf(row.certificateArn !== undefined)]: _, ...rest } = left;
      await rows.put(pools, scope, pool.id, rest);
      await rows.delete(domainPlaces, EVERYWHERE, row.domain);
    });
    return {};
  },
});

const kindOf = (custom: boolean): 'customDomain' | 'domain' => (custom ? 'customDomain' : 'domain');

/** Where a custom domain's name would have to point on AWS; here its name reaches this server as it is. */
const CLOUDFRONT = 'd111111abcdef8.cloudfront.net';

function checkPrefix(domain: string): void {
  if (!PREFIX.test(domain)) throw invalidParameter(`Invalid domain: ${domain}`);
  if (RESERVED.test(domain))
    throw invalidParameter('Domain cannot contain reserved word: aws, amazon or cognito');
}

const shown = (row: DomainRow): DomainDescriptionType => ({
  UserPoolId: row.poolId,
  AWSAccountId: row.account,
  Domain: row.domain,
  CloudFrontDistribution: CLOUDFRONT,
  Version: '1',
  Status: 'ACTIVE',
  CustomDomainConfig: row.certificateArn ? { CertificateArn: row.certificateArn } : undefined,
  ManagedLoginVersion: row.managedLoginVersion,
});
