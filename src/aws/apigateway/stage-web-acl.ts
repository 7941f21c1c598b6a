/** The web ACL of a stage, as AWS WAF's AssociateWebACL sets it. */
import type { Scope } from '../../base/scope.ts';
import type { ApiGatewayPorts } from './ports.ts';
import { stages } from './stage-row.ts';

export interface StageWebAcl {
  /** False: there is no such stage. Undefined takes the web ACL away. */
  readonly setWebAcl: (
    scope: Scope,
    apiId: string,
    stageName: string,
    webAclArn: string | undefined,
  ) => Promise<boolean>;
  /** Null: there is no such stage. */
  readonly webAclOf: (scope: Scope, apiId: string, stageName: string) => Promise<string | undefined | null>;
}

export const createStageWebAcl = ({ store, gateway }: ApiGatewayPorts): StageWebAcl => ({
  async setWebAcl(scope, apiId, stageName, webAclArn) {
    const key = `${apiId}/${stageName}`;
    const found = await store.transaction(async (rows) => {
      const row = await rows.get(stages, scope, key);
      if (row === undefined) return false;
      const { webAclArn: _, ...rest } = row;
      await rows.put(stages, scope, key, webAclArn === undefined ? rest : { ...rest, webAclArn });
      return true;
    });
    if (found) gateway.forget(apiId);
    return found;
  },
  async webAclOf(scope, apiId, stageName) {
    const row = await store.get(stages, scope, `${apiId}/${stageName}`);
    return row === undefined ? null : row.webAclArn;
  },
});
