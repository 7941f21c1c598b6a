/** Web ACLs. */
import type {
  CreateWebACLRequest,
  DeleteWebACLRequest,
  GetWebACLRequest,
  ListWebACLsRequest,
  UpdateWebACLRequest,
  WebACL,
} from '@aws-sdk/client-wafv2';
import { limits } from '../../base/limits.ts';
import type { Call } from '../../wire/service.ts';
import { type AssociationRoom, resourcesOf } from './association.ts';
import { associated, invalidParameter, overLimit, unsupported } from './fault.ts';
import { byArn, change, insert, need, newRow, pageOf, remove, summary } from './named.ts';
import { packRules, unpackRules } from './packed-rules.ts';
import { loggings, type WebAclRow, webAcls } from './rows.ts';
import { visibilityOf } from './rule-group.ts';
import { aclNamespace, checkAction, checkRules } from './rules-check.ts';

type Settings = Omit<UpdateWebACLRequest, 'Id' | 'LockToken'>;

export const webAclOperations = (room: AssociationRoom) => ({
  CreateWebACL: async (input: CreateWebACLRequest, { scope }: Call) => {
    const settings = settingsOf(input);
    const named = newRow('webacl', scope, input);
    await room.store.transaction(async (rows) => {
      const used = await checkRules(rows, { rules: input.Rules, bodies: settings.bodies, inGroup: false });
      checkCapacity(used);
      await insert(rows, webAcls, scope, { ...named, ...settings, capacity: used });
    });
    return { Summary: summary(named) };
  },

  GetWebACL: async (input: GetWebACLRequest, { scope }: Call) => {
    const row =
      input.ARN === undefined
        ? await need(room.store, webAcls, scope, input)
        : ((await byArn(room.store, input.ARN)).row as WebAclRow); // its ARN says so
    return { WebACL: showWebAcl(row), LockToken: row.lockToken };
  },

  UpdateWebACL: async (input: UpdateWebACLRequest, { scope }: Call) => {
    const settings = settingsOf(input);
    const NextLockToken = await room.store.transaction(async (rows) => {
      const used = await checkRules(rows, { rules: input.Rules, bodies: settings.bodies, inGroup: false });
      checkCapacity(used);
      return change(
        rows,
        webAcls,
        scope,
        input,
        ({ description: _, association: __, captcha: ___, challenge: ____, ...row }) => ({
          ...row,
          ...(input.Description !== undefined && { description: input.Description }),
          ...settings,
          capacity: used,
        }),
      );
    });
    return { NextLockToken };
  },

  DeleteWebACL: async (input: DeleteWebACLRequest, { scope }: Call) => {
    const { arn } = await need(room.store, webAcls, scope, input);
    if ((await resourcesOf(room, scope, arn)).length > 0) throw associated();
    await room.store.transaction(async (rows) => {
      await remove(rows, webAcls, scope, input);
      await rows.delete(loggings, scope, arn);
    });
    room.forget(arn);
    return {};
  },

  ListWebACLs: async (input: ListWebACLsRequest, { scope }: Call) => {
    const { items, ...more } = await pageOf(room.store, webAcls, scope, input);
    return { ...more, WebACLs: items.map(summary) };
  },
});

function settingsOf(
  input: Settings,
): Omit<WebAclRow, 'name' | 'id' | 'arn' | 'lockToken' | 'tags' | 'capacity'> {
  for (const name of [
    'DataProtectionConfig',
    'OnSourceDDoSProtectionConfig',
    'ApplicationConfig',
    'MonetizationConfig',
  ] as const)
    if (input[name] !== undefined) throw unsupported('WEB_ACL', name);
  if (input.TokenDomains?.length) throw unsupported('TOKEN_DOMAIN', 'TokenDomains');
  const { DefaultAction: usual } = input;
  if (usual === undefined || Object.keys(usual).length !== 1)
    throw invalidParameter(
      'DEFAULT_ACTION',
      '',
      'You have used none or multiple values for a field that requires exactly one value.',
    );
  const bodies = input.CustomResponseBodies ?? {};
  checkAction(usual, bodies);
  return {
    rules: packRules(input.Rules),
    defaultAction: usual,
    visibility: visibilityOf(input.VisibilityConfig),
    bodies,
    ...(input.AssociationConfig && { association: input.AssociationConfig }),
    // They say how long an answer to a captcha or challenge holds; no rule here asks for one. Terraform always sends them.
    ...(input.CaptchaConfig && { captcha: input.CaptchaConfig }),
    ...(input.ChallengeConfig && { challenge: input.ChallengeConfig }),
  };
}

function checkCapacity(used: number): void {
  if (used > limits.wafCapacity) throw overLimit(`the rules use ${used} of ${limits.wafCapacity} WCUs`);
}

export const showWebAcl = (row: WebAclRow): WebACL => ({
  Name: row.name,
  Id: row.id,
  ARN: row.arn,
  DefaultAction: row.defaultAction,
  Description: row.description,
  Rules: unpackRules(row.rules),
  VisibilityConfig: row.visibility,
  Capacity: row.capacity,
  ManagedByFirewallManager: false,
  LabelNamespace: aclNamespace(row),
  CustomResponseBodies: { ...row.bodies },
  AssociationConfig: row.association,
  CaptchaConfig: row.captcha,
  ChallengeConfig: row.challenge,
  RetrofittedByFirewallManager: false,
});
