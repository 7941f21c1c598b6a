/**
 * VPC links: https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/vpclinks.html
 * Records that are AVAILABLE at once: no network stands behind them yet.
 */
import { wholeSecond } from '../../base/clock.ts';
import type {
  CreateVpcLinkRequest,
  CreateVpcLinkResponse,
  DeleteVpcLinkRequest,
  GetVpcLinkRequest,
  GetVpcLinkResponse,
  GetVpcLinksRequest,
  GetVpcLinksResponse,
  UpdateVpcLinkRequest,
  UpdateVpcLinkResponse,
  VpcLink,
} from '@aws-sdk/client-apigatewayv2';
import { apiGatewayId } from '../../base/ids.ts';
import { limits } from '../../base/limits.ts';
import type { Scope } from '../../base/scope.ts';
import type { Reader, Transaction } from '../../store/store.ts';
import type { Call } from '../../wire/service.ts';
import { badRequest, conflict, missing } from './faults.ts';
import { integrations } from './integration-row.ts';
import { listPage } from './page.ts';
import { patched } from './patch.ts';
import type { ApiGatewayV2Ports } from './ports.ts';
import { type VpcLinkRow, vpcLinks } from './vpc-link-row.ts';

export const vpcLinkOperations = (ports: ApiGatewayV2Ports) => ({
  CreateVpcLink: async (input: CreateVpcLinkRequest, { scope }: Call): Promise<CreateVpcLinkResponse> => {
    const { Name = '', SubnetIds = [], SecurityGroupIds = [], Tags = {} } = input;
    if (SubnetIds.length === 0) throw badRequest('At least one subnet is required');
    if (SubnetIds.length > limits.httpApiVpcLinkSubnets)
      throw badRequest(`A VPC link can have at most ${limits.httpApiVpcLinkSubnets} subnets`);
    const VpcLinkId = apiGatewayId(6, ports.random);
    const row: VpcLinkRow = {
      VpcLinkId,
      Name,
      SubnetIds,
      SecurityGroupIds,
      Tags,
      VpcLinkStatus: 'AVAILABLE',
      VpcLinkStatusMessage: 'VPC link is ready to route traffic',
      VpcLinkVersion: 'V2',
      createdAtMs: ports.now(),
    };
    await ports.store.transaction(async (rows) => {
      const existing = await rows.list(vpcLinks, scope);
      if (existing.length >= limits.httpApiVpcLinks)
        throw conflict('Maximum number of VPC links has been reached');
      await rows.put(vpcLinks, scope, VpcLinkId, row);
    });
    return show(row);
  },

  GetVpcLink: async ({ VpcLinkId = '' }: GetVpcLinkRequest, { scope }: Call): Promise<GetVpcLinkResponse> =>
    show(await read(ports.store, scope, VpcLinkId)),

  GetVpcLinks: async (input: GetVpcLinksRequest, { scope }: Call): Promise<GetVpcLinksResponse> => {
    const page = await listPage({ rows: ports.store, table: vpcLinks, scope }, input);
    return { Items: page.rows.map(show), NextToken: page.NextToken };
  },

  UpdateVpcLink: async (
    { VpcLinkId = '', Name }: UpdateVpcLinkRequest,
    { scope }: Call,
  ): Promise<UpdateVpcLinkResponse> =>
    ports.store.transaction(async (rows) => {
      const row = patched(await read(rows, scope, VpcLinkId), { Name });
      await rows.put(vpcLinks, scope, VpcLinkId, row);
      return show(row);
    }),

  DeleteVpcLink: async ({ VpcLinkId = '' }: DeleteVpcLinkRequest, { scope }: Call) => {
    await ports.store.transaction(async (rows) => {
      await read(rows, scope, VpcLinkId);
      await refuseWhenUsed(rows, scope, VpcLinkId);
      await rows.delete(vpcLinks, scope, VpcLinkId);
    });
    return {};
  },
});

async function refuseWhenUsed(rows: Transaction, scope: Scope, vpcLinkId: string): Promise<void> {
  const users = await rows.list(integrations, scope);
  if (users.some(({ row }) => row.ConnectionId === vpcLinkId))
    throw badRequest('Cannot delete vpc link. Vpc link is referenced in integrations');
}

async function read(rows: Pick<Reader, 'get'>, scope: Scope, id: string): Promise<VpcLinkRow> {
  const row = await rows.get(vpcLinks, scope, id);
  if (!row) throw missing('VpcLink', id);
  return row;
}

const show = ({ createdAtMs, ...members }: VpcLinkRow): VpcLink => ({
  ...members,
  CreatedDate: wholeSecond(createdAtMs),
});
