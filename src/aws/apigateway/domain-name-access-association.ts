/** Which VPC endpoints may call a private name: https://docs.aws.amazon.com/apigateway/latest/api/API_DomainNameAccessAssociation.html */
import type {
  CreateDomainNameAccessAssociationRequest,
  DeleteDomainNameAccessAssociationRequest,
  DomainNameAccessAssociation,
  DomainNameAccessAssociations,
  GetDomainNameAccessAssociationsRequest,
  RejectDomainNameAccessAssociationRequest,
} from '@aws-sdk/client-api-gateway';
import { arnOf, parseArn } from '../../base/arn.ts';
import { limits } from '../../base/limits.ts';
import type { Scope } from '../../base/scope.ts';
import type { Call } from '../../wire/service.ts';
import { pageOfRows } from '../kit/page.ts';
import { type AccessAssociationRow, accessAssociations } from './domain-name-access-association-row.ts';
import { privateDomainNames } from './domain-name-row.ts';
import { badRequest, conflict, notFound, quotaReached } from './faults.ts';
import type { ApiGatewayPorts } from './ports.ts';
import { filled, withoutEmpty } from './shapes.ts';
import { checkedTags } from './tag-set.ts';

const PATH = '/domainnameaccessassociations/';

export const accessAssociationOperations = (ports: ApiGatewayPorts) => ({
  CreateDomainNameAccessAssociation: async (
    input: CreateDomainNameAccessAssociationRequest,
    call: Call,
  ): Promise<DomainNameAccessAssociation> =>
    ports.store.transaction(async (rows) => {
      const name = privateNameOf(input.domainNameArn);
      if (name === undefined || !(await rows.get(privateDomainNames, call.scope, name.replace('+', '/'))))
        throw notFound('Invalid domain name identifier specified');
      const source = input.accessAssociationSource ?? '';
      if (!source.startsWith('vpce-')) throw badRequest('Invalid access association source specified');
      const row: AccessAssociationRow = {
        domainNameArn: input.domainNameArn ?? '',
        accessAssociationSourceType: 'VPCE',
        accessAssociationSource: source,
        tags: checkedTags(input.tags),
      };
      const key = `domainname/${name}/vpcesource/${source}`;
      if (await rows.get(accessAssociations, call.scope, key))
        throw conflict('Domain name access association already exists');
      if ((await rows.list(accessAssociations, call.scope)).length >= limits.domainNameAccessAssociations)
        throw quotaReached('Domain Name Access Associations', 'this account');
      await rows.put(accessAssociations, call.scope, key, row);
      return show(call.scope, row);
    }),

  GetDomainNameAccessAssociations: async (
    input: GetDomainNameAccessAssociationsRequest,
    call: Call,
  ): Promise<DomainNameAccessAssociations> => {
    const page = await pageOfRows(ports.store, accessAssociations, call.scope, input);
    const own = input.resourceOwner === 'OTHER_ACCOUNTS' ? [] : page.items;
    return { items: own.map((row) => show(call.scope, row)), position: page.position };
  },

  DeleteDomainNameAccessAssociation: async (
    input: DeleteDomainNameAccessAssociationRequest,
    call: Call,
  ): Promise<object> => remove(ports, call.scope, input.domainNameAccessAssociationArn),

  /** The name's owner ends an association that another account made. */
  RejectDomainNameAccessAssociation: async (
    input: RejectDomainNameAccessAssociationRequest,
    call: Call,
  ): Promise<object> => remove(ports, call.scope, input.domainNameAccessAssociationArn),
});

/** `{name}+{id}` of a private name's ARN. */
function privateNameOf(arn: string | undefined): string | undefined {
  return /^\/domainnames\/([^/+]+\+[^/]+)$/.exec(parseArn(arn ?? '')?.resource ?? '')?.[1];
}

async function remove(ports: ApiGatewayPorts, scope: Scope, arn: string | undefined): Promise<object> {
  const resource = parseArn(arn ?? '')?.resource ?? '';
  const key = resource.startsWith(PATH) ? resource.slice(PATH.length) : '';
  const existed = await ports.store.transaction((rows) => rows.delete(accessAssociations, scope, key));
  if (!existed) throw notFound('Invalid domain name access association identifier specified');
  return {};
}

function show(scope: Scope, row: AccessAssociationRow): DomainNameAccessAssociation {
  const name = privateNameOf(row.domainNameArn);
  const path = `${PATH}domainname/${name}/vpcesource/${row.accessAssociationSource}`;
  return withoutEmpty({
    ...row,
    domainNameAccessAssociationArn: arnOf(scope, 'apigateway', path),
    tags: filled({ ...row.tags }),
  });
}
