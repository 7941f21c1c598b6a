/**
 * A CloudFormation resource type: how `deploy` makes, changes and removes one. It lives beside its noun
 * (`aws/apigateway/rest-api.ts`) and does its work through operations, the same handlers an SDK call reaches.
 * Property names, types, required ones and those whose change replaces the resource are data from AWS's own
 * resource schemas (`deploy/schemas`), so they are not repeated here.
 */
import type { Scope } from './scope.ts';

export interface ResourceType<Properties = Record<string, unknown>> {
  /** `AWS::ApiGateway::RestApi`. */
  readonly type: string;
  /** Properties of AWS's schema that are refused by name, at validation, before anything is made. */
  readonly unsupported?: readonly string[];
  create(request: ResourceRequest<Properties>): Promise<ResourceState>;
  /** Absent: every change replaces. Called only when no property that replaces has changed. */
  update?(request: ResourceRequest<Properties>, current: CurrentResource<Properties>): Promise<ResourceState>;
  /** Must succeed when the resource is already gone. */
  delete(request: ResourceRequest<Properties>, current: CurrentResource<Properties>): Promise<void>;
}

export interface ResourceRequest<Properties> {
  /** Resolved: no intrinsic function is left. */
  readonly properties: Properties;
  readonly logicalId: string;
  /** The type as the template writes it: `Custom::Anything` comes to `AWS::CloudFormation::CustomResource`. */
  readonly resourceType?: string;
  readonly stackName: string;
  readonly stackId: string;
  readonly scope: Scope;
  /** The stack's tags and the three `aws:cloudformation:*` tags. */
  readonly tags: Readonly<Record<string, string>>;
  /** A name as CloudFormation makes them, `{stack}-{logicalId}-{12 characters}`, cut to `maxLength`. Stable over
   *  retries of the same create. */
  physicalName(maxLength?: number, style?: 'upper' | 'lower'): string;
  /** Runs an operation: `request.call<RestApi>('apigateway', 'CreateRestApi', input)`. Throws `Fault`. */
  call<Output = unknown>(service: string, operation: string, input: object): Promise<Output>;
  readonly signal: AbortSignal;
}

export interface ResourceState {
  readonly physicalId: string;
  /** What `Ref` gives, when it is not the physical id. */
  readonly ref?: string;
  /** What `Fn::GetAtt` gives, by attribute name (`Arn`, `Endpoint.Address`). */
  readonly attributes?: Readonly<Record<string, unknown>>;
}

export interface CurrentResource<Properties> extends ResourceState {
  /** The properties it was last made or changed with. */
  readonly properties: Properties;
}
