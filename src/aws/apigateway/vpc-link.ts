/** VPC links of REST APIs: https://docs.aws.amazon.com/apigateway/latest/api/API_VpcLink.html */
import type {
  CreateVpcLinkRequest,
  DeleteVpcLinkRequest,
  GetVpcLinkRequest,
  GetVpcLinksRequest,
  UpdateVpcLinkRequest,
  VpcLink,
  VpcLinks,
} from '@aws-sdk/client-api-gateway';
import { parseArn } from '../../base/arn.ts';
import { apiGatewayId, pinnedId } from '../../base/ids.ts';
import { limits } from '../../base/limits.ts';
import type { Scope } from '../../base/scope.ts';
import type { Reader } from '../../store/store.ts';
import type { Call } from '../../wire/service.ts';
import { type Draft, draftOf } from '../kit/draft.ts';
import { pageOfRows } from '../kit/page.ts';
import { applyPatches, bareRefusals, type PatchRules, patchText } from '../kit/patch.ts';
import { badRequest, notFound, quotaReached } from './faults.ts';
import type { ApiGatewayPorts } from './ports.ts';
import { filled, withoutEmpty } from './shapes.ts';
import { checkedTags } from './tag-set.ts';
import { type VpcLinkRow, vpcLinks } from './vpc-link-row.ts';

/** A link is there at once: no endpoint service has to be made for it. */
const show = (row: VpcLinkRow): VpcLink =>
  withoutEmpty({
    ...row,
    targetArns: [...row.targetArns],
    status: 'AVAILABLE' as const,
    statusMessage: 'Your vpc link is ready for use',
    tags: filled({ ...row.tags }),
  });

const showWithTags = (row: VpcLinkRow): VpcLink => ({ ...show(row), tags: { ...row.tags } });

export const vpcLinkOperations = (ports: ApiGatewayPorts) => ({
  CreateVpcLink: async (input: CreateVpcLinkRequest, call: Call): Promise<VpcLink> =>
    ports.store.transaction(async (rows) => {
      if (!input.name) throw badRequest('Name cannot be empty');
      const tags = checkedTags(input.tags);
      const row: VpcLinkRow = {
        id: pinnedId(tags) ?? apiGatewayId(6, ports.random),
        name: input.name,
        description: patchText(input.description),
        targetArns: checkedTargets(input.targetArns),
        tags,
      };
      if ((await rows.list(vpcLinks, call.scope)).length >= limits.restVpcLinks)
        throw quotaReached('VPC Links', 'this account');
      await rows.put(vpcLinks, call.scope, row.id, row);
      // Seen: the answer to the creation is still pending, and a read right after it is not.
      const { statusMessage: _message, ...shown } = show(row);
      return { ...shown, status: 'PENDING' };
    }),

  GetVpcLink: async (input: GetVpcLinkRequest, call: Call): Promise<VpcLink> =>
    showWithTags(await needVpcLink(ports.store, call.scope, input.vpcLinkId)),

  GetVpcLinks: async (input: GetVpcLinksRequest, call: Call): Promise<VpcLinks> => {
    const page = await pageOfRows(ports.store, vpcLinks, call.scope, input);
    return { items: page.items.map(show), position: page.position };
  },

  UpdateVpcLink: async (input: UpdateVpcLinkRequest, call: Call): Promise<VpcLink> =>
    ports.store.transaction(async (rows) => {
      const draft = draftOf(await needVpcLink(rows, call.scope, input.vpcLinkId));
      applyPatches(draft, input.patchOperations, vpcLinkPatches);
      await rows.put(vpcLinks, call.scope, draft.id, draft);
      return showWithTags(draft);
    }),

  DeleteVpcLink: async (input: DeleteVpcLinkRequest, call: Call): Promise<object> => {
    await ports.store.transaction(async (rows) => {
      const row = await needVpcLink(rows, call.scope, input.vpcLinkId);
      await rows.delete(vpcLinks, call.scope, row.id);
    });
    return {};
  },
});

async function needVpcLink(
  rows: Pick<Reader, 'get'>,
  scope: Scope,
  id: string | undefined,
): Promise<VpcLinkRow> {
  const row = await rows.get(vpcLinks, scope, id ?? '');
  if (row === undefined) throw notFound('Invalid Vpc Link identifier specified');
  return row;
}

function checkedTargets(arns: readonly string[] | undefined): readonly string[] {
  if (arns?.length !== 1) throw badRequest('Exactly one target ARN must be specified');
  for (const arn of arns) {
    const parsed = parseArn(arn);
    if (parsed === undefined) throw badRequest(`Invalid ARN. ARN is not well formed ${arn}`);
    if (parsed.service !== 'elasticloadbalancing')
      throw badRequest(`Invalid ARN. ARN must be of a network load balancer ${arn}`);
  }
  return arns;
}

const vpcLinkPatches: PatchRules<Draft<VpcLinkRow>> = {
  refusals: bareRefusals,
  paths: [
    {
      path: '/name',
      replace: (link, value) => {
        if (!value) throw badRequest('Name cannot be empty');
        link.name = value;
      },
    },
    {
      path: '/description',
      replace: (link, value) => {
        link.description = patchText(value);
      },
    },
  ],
};
