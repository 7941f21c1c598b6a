/** What events and integrations point at: a function, or its alias. */
import type { Json, JsonObject } from '../template.ts';
import { make, type Resource } from './serverless.ts';
import { present, sub } from './values.ts';

export interface FunctionTarget {
  /** Of the function itself. */
  readonly logicalId: string;
  /** What `FunctionName` takes. */
  readonly name: Json;
  readonly arn: Json;
  /** The ARN inside Fn::Sub. */
  readonly arnVariable: string;
  readonly attributes: JsonObject;
  readonly condition: string | undefined;
}

export interface PermissionRequest {
  readonly target: FunctionTarget;
  readonly principal: string;
  readonly sourceArn?: Json;
  readonly sourceAccount?: Json;
  readonly eventSourceToken?: Json;
}

export const permission = (request: PermissionRequest): Resource =>
  make(
    'AWS::Lambda::Permission',
    present({
      Action: 'lambda:InvokeFunction',
      FunctionName: request.target.name,
      Principal: request.principal,
      SourceArn: request.sourceArn,
      SourceAccount: request.sourceAccount,
      EventSourceToken: request.eventSourceToken,
    }),
    request.target.attributes,
  );

/** The URI by which API Gateway invokes it. */
export const invocationUri = (target: FunctionTarget, partition: string, streamed = false): JsonObject =>
  sub(
    streamed
      ? `arn:${partition}:apigateway:\${AWS::Region}:lambda:path/2021-11-15/functions/${target.arnVariable}/response-streaming-invocations`
      : `arn:${partition}:apigateway:\${AWS::Region}:lambda:path/2015-03-31/functions/${target.arnVariable}/invocations`,
  );
