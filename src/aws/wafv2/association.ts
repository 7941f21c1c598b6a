/** Which resource is protected by which web ACL: stages of REST APIs, AppSync APIs, user pools. */
import type {
  AssociateWebACLRequest,
  DisassociateWebACLRequest,
  GetWebACLForResourceRequest,
  ListResourcesForWebACLRequest,
} from '@aws-sdk/client-wafv2';
import { parseArn } from '../../base/arn.ts';
import type { Scope } from '../../base/scope.ts';
import type { Call } from '../../wire/service.ts';
import { invalidParameter, missing, unsupported } from './fault.ts';
import { byArn } from './named.ts';
import type { WafPorts } from './ports.ts';
import { associations, type WebAclRow } from './rows.ts';
import { showWebAcl } from './web-acl.ts';

export interface AssociationRoom extends WafPorts {
  /** The web ACL is gone: what is kept of it in memory goes as well. */
  readonly forget: (webAclArn: string) => void;
}

export const associationOperations = (room: AssociationRoom) => ({
  AssociateWebACL: async (input: AssociateWebACLRequest, { scope }: Call) => {
    const arn = input.ResourceArn ?? '';
    const target = targetOf(arn);
    const { row } = await byArn(room.store, input.WebACLArn);
    if (
      target.kind === 'stage' &&
      !(await room.setStageWebAcl(scope, target.apiId, target.stageName, row.arn))
    )
      throw missing();
    await room.store.transaction((rows) => rows.put(associations, scope, arn, { webAclArn: row.arn }));
    return {};
  },

  DisassociateWebACL: async (input: DisassociateWebACLRequest, { scope }: Call) => {
    const arn = input.ResourceArn ?? '';
    const target = targetOf(arn);
    if (target.kind === 'stage') await room.setStageWebAcl(scope, target.apiId, target.stageName, undefined);
    await room.store.transaction((rows) => rows.delete(associations, scope, arn));
    return {};
  },

  GetWebACLForResource: async (input: GetWebACLForResourceRequest, { scope }: Call) => {
    const webAclArn = await webAclOf(room, scope, input.ResourceArn ?? '');
    if (webAclArn === undefined) return {};
    const { row } = await byArn(room.store, webAclArn);
    return { WebACL: showWebAcl(row as WebAclRow) }; // its ARN says so
  },

  ListResourcesForWebACL: async (input: ListResourcesForWebACLRequest, { scope }: Call) => {
    await byArn(room.store, input.WebACLArn);
    const wanted = input.ResourceType ?? 'API_GATEWAY';
    const all = await resourcesOf(room, scope, input.WebACLArn ?? '');
    return { ResourceArns: all.filter((arn) => targetOf(arn).type === wanted) };
  },
});

/** What a web ACL protects now. A stage that is gone, or was made again, is not among them. */
export async function resourcesOf(room: AssociationRoom, scope: Scope, webAclArn: string): Promise<string[]> {
  const entries = await room.store.list(associations, scope);
  const found: string[] = [];
  for (const { key, row } of entries)
    if (row.webAclArn === webAclArn && (await webAclOf(room, scope, key)) === webAclArn) found.push(key);
  return found;
}

/** The web ACL of a resource; undefined when it has none. Of stages their own row tells. */
export async function webAclOf(room: WafPorts, scope: Scope, arn: string): Promise<string | undefined> {
  const target = targetOf(arn);
  if (target.kind === 'stage')
    return (await room.stageWebAcl(scope, target.apiId, target.stageName)) ?? undefined;
  return (await room.store.get(associations, scope, arn))?.webAclArn;
}

type Target =
  | { readonly kind: 'stage'; readonly type: string; readonly apiId: string; readonly stageName: string }
  | { readonly kind: 'other'; readonly type: string };

function targetOf(arn: string): Target {
  const parsed = parseArn(arn);
  const [, apiId, stageName] = /^\/restapis\/([^/]+)\/stages\/([^/]+)$/.exec(parsed?.resource ?? '') ?? [];
  if (parsed?.service === 'apigateway' && apiId !== undefined && stageName !== undefined)
    return { kind: 'stage', type: 'API_GATEWAY', apiId, stageName };
  if (parsed?.service === 'appsync' && parsed.resource.startsWith('apis/'))
    return { kind: 'other', type: 'APPSYNC' };
  if (parsed?.service === 'cognito-idp' && parsed.resource.startsWith('userpool/'))
    return { kind: 'other', type: 'COGNITO_USER_POOL' };
  if (parsed === undefined)
    throw invalidParameter(
      'RESOURCE_ARN',
      arn,
      'The ARN isn’t valid. A valid ARN begins with arn: and includes other information separated by colons or slashes.',
    );
  throw unsupported('RESOURCE_ARN', `a web ACL in front of ${arn}`);
}
