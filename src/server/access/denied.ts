/** AccessDenied as each service words it. */
import { Fault } from '../../base/fault.ts';
import type { Caller } from '../../base/ports.ts';
import { serviceRow } from '../../wire/services.ts';

export interface Denial {
  readonly service: string;
  readonly caller: Caller;
  readonly action: string;
  readonly resource: string;
  /** `because no identity-based policy allows the ... action`. */
  readonly reason: string;
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html */
export function denied({ service, caller, action, resource, reason }: Denial): Fault {
  const who = caller.arn === '' ? 'anonymous' : caller.arn;
  const text = `User: ${who} is not authorized to perform: ${action}${whereOf(service, resource)} ${reason}`;
  switch (service) {
    case 's3':
      return new Fault('AccessDenied', who === 'anonymous' ? 'Access Denied' : text, { status: 403 });
    case 'ec2':
      return new Fault('UnauthorizedOperation', `You are not authorized to perform this operation. ${text}`, {
        status: 403,
      });
    case 'sns':
      return new Fault('AuthorizationError', text, { status: 403 });
    case 'sqs':
      return new Fault('AccessDenied', text, { status: 403 });
    default:
      return isQuery(service)
        ? new Fault('AccessDenied', text, { status: 403 })
        : new Fault('AccessDeniedException', text, { status: isJson(service) ? 400 : 403 });
  }
}

/** S3 puts its resource in quotes, and names none for what is about all: https://docs.aws.amazon.com/AmazonS3/latest/userguide/troubleshoot-403-errors.html */
function whereOf(service: string, resource: string): string {
  if (service !== 's3') return ` on resource: ${resource}`;
  return resource === '*' ? '' : ` on resource: "${resource}"`;
}

const isQuery = (service: string): boolean =>
  ['awsQuery', 'ec2Query', 'restXml'].includes(serviceRow(service)?.protocol ?? '');
/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/CommonErrors.html and its kin: 400. */
const isJson = (service: string): boolean => (serviceRow(service)?.protocol ?? '').startsWith('awsJson');
