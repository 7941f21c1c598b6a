/** What every step of a REST method is compiled from. */
import type { Integration, Method } from '@aws-sdk/client-api-gateway';
import type { RestDefinition, RestStage } from '../config.ts';
import type { RestAuthorizers } from '../authorizers/rest-authorizers.ts';
import type { IsBinary } from '../media-types.ts';
import type { StagePlan } from '../plan.ts';

export interface RestMethod {
  readonly stage: StagePlan;
  readonly definition: RestDefinition;
  readonly method: Method;
  readonly integration: Integration;
  readonly operationName: string | undefined;
  readonly resourceId: string;
  readonly resourcePath: string;
  /** `GET`, or `ANY`. */
  readonly httpMethod: string;
  readonly clientCertificate: RestStage['clientCertificate'];
  readonly webAclArn: string | undefined;
  readonly isBinary: IsBinary;
  readonly authorizers: RestAuthorizers;
}
