/** What web ACLs need of the world beside their rows. */
import type { WriteLogEvents } from '../../base/ports.ts';
import type { Scope } from '../../base/scope.ts';
import type { ServicePorts } from '../../wire/service.ts';

export interface WafPorts extends ServicePorts {
  readonly writeLogEvents: WriteLogEvents;
  /** Tells a stage of a REST API which web ACL it has; undefined: none. False: there is no such stage. */
  readonly setStageWebAcl: (
    scope: Scope,
    apiId: string,
    stageName: string,
    webAclArn: string | undefined,
  ) => Promise<boolean>;
  /** The web ACL a stage has now; null: there is no such stage. */
  readonly stageWebAcl: (
    scope: Scope,
    apiId: string,
    stageName: string,
  ) => Promise<string | undefined | null>;
  /** The header that says where a request comes from; geographic rules know nothing else. */
  readonly countryHeader: string;
}
