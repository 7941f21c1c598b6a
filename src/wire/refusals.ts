/** What is not there, refused by name in each service's own form. */
import { Fault } from '../base/fault.ts';
import type { OperationPlan } from './plan.ts';
import type { ServiceRow } from './services.ts';

export const notServed = (name: string): Fault =>
  new Fault(
    'NotImplementedException',
    name === ''
      ? 'Gatehouse cannot tell which AWS service this request is for: it has no credential scope, no X-Amz-Target, no Action and no path of a service it knows'
      : `Gatehouse does not implement the service ${name}`,
    { status: 501 },
  );

/** 501 is none of the statuses that SDKs retry (500, 502, 503, 504). S3 has a code of its own for it. */
export const notImplemented = ({ service: { row }, name }: OperationPlan): Fault =>
  new Fault(
    row.id === 's3' ? 'NotImplemented' : 'NotImplementedException',
    `Gatehouse does not implement ${row.id} ${name}`,
    { status: 501 },
  );

export const postObject = (): Fault =>
  new Fault('NotImplemented', 'Gatehouse does not implement s3 PostObject', { status: 501 });

/** What each kind of service answers to an operation AWS does not have. `name` is absent where the path should tell. */
export function unknownOperation(row: ServiceRow, name: string | undefined, method = ''): Fault {
  if (row.id === 's3')
    return new Fault('MethodNotAllowed', 'The specified method is not allowed against this resource.', {
      status: 405,
      members: { Method: method },
    });
  if (row.protocol.endsWith('Query'))
    return new Fault(
      'InvalidAction',
      `Could not find operation ${name ?? ''} for version ${row.apiVersion}`,
      { status: 400 },
    );
  if (name !== undefined)
    return new Fault('UnknownOperationException', `Unknown operation: ${name}`, { status: 400 });
  if (row.signingName === 'apigateway')
    return new Fault('MissingAuthenticationTokenException', 'Missing Authentication Token', { status: 403 });
  return new Fault(
    'UnknownOperationException',
    'Unable to determine service/operation name to be authorized',
    { status: 404 },
  );
}
