/** ACM's errors. */
import { Fault } from '../../base/fault.ts';
import type { Scope } from '../../base/scope.ts';

/** Seen in https://github.com/hashicorp/terraform-provider-aws/issues/34203 */
export const missingCertificate = ({ account }: Scope, arn: string): Fault =>
  new Fault('ResourceNotFoundException', `Could not find certificate ${arn} in account ${account}.`);

export const invalid = (message: string): Fault => new Fault('ValidationException', message);

export const invalidParameter = (message: string): Fault => new Fault('InvalidParameterException', message);

export const limitExceeded = (message: string): Fault => new Fault('LimitExceededException', message);
