/** FunctionUrlConfig of a function, and the permissions that open it to everyone. */
import { isObject } from '../template.ts';
import { SamFault } from './faults.ts';
import {
  inherited,
  make,
  objectIn,
  type Resource,
  type SamResource,
  type Serverless,
  withParameters,
} from './serverless.ts';
import type { FunctionTarget } from './target.ts';
import { ref } from './values.ts';

export function functionUrl(
  resource: SamResource,
  target: FunctionTarget,
  alias: string | undefined,
  { parameters }: Serverless,
): Record<string, Resource> {
  const { logicalId } = resource;
  const config = objectIn(resource, 'FunctionUrlConfig') ?? {};
  const authType = withParameters(config.AuthType ?? null, parameters);
  if (!isObject(authType) && authType !== 'AWS_IAM' && authType !== 'NONE')
    throw new SamFault(
      logicalId,
      'AuthType is required to configure function property `FunctionUrlConfig`. Please provide either AWS_IAM or NONE.',
    );
  const attributes = inherited(resource);
  const url = make(
    'AWS::Lambda::Url',
    {
      TargetFunctionArn: alias === undefined ? ref(logicalId) : target.arn,
      AuthType: config.AuthType,
      Cors: config.Cors,
      InvokeMode: config.InvokeMode,
    },
    attributes,
  );
  if (authType !== 'NONE') return { [`${logicalId}Url`]: url };
  const everyone = { FunctionName: target.name, Principal: '*' };
  return {
    [`${logicalId}Url`]: url,
    [`${logicalId}UrlPublicPermissions`]: make(
      'AWS::Lambda::Permission',
      { Action: 'lambda:InvokeFunctionUrl', ...everyone, FunctionUrlAuthType: 'NONE' },
      attributes,
    ),
    [`${logicalId}URLInvokeAllowPublicAccess`]: make(
      'AWS::Lambda::Permission',
      { Action: 'lambda:InvokeFunction', ...everyone, InvokedViaFunctionUrl: true },
      attributes,
    ),
  };
}
