/** SNS's own words: https://docs.aws.amazon.com/sns/latest/api/CommonErrors.html */
import { Fault } from '../../base/fault.ts';

/** `Invalid parameter: TopicArn`. */
export const invalidParameter = (what: string): Fault =>
  new Fault('InvalidParameter', `Invalid parameter: ${what}`, { status: 400 });

export const invalidReason = (parameter: string, reason: string): Fault =>
  invalidParameter(`${parameter} Reason: ${reason}`);

export const invalidValue = (message: string): Fault =>
  new Fault('ParameterValueInvalid', message, { status: 400 });

export const topicNotFound = (): Fault => new Fault('NotFound', 'Topic does not exist', { status: 404 });

export const subscriptionNotFound = (): Fault =>
  new Fault('NotFound', 'Subscription does not exist', { status: 404 });

export const notAuthorized = (caller: string, action: string, resource: string): Fault =>
  new Fault(
    'AuthorizationError',
    `User: ${caller} is not authorized to perform: ${action} on resource: ${resource} because no resource-based policy allows the ${action} action`,
    { status: 403 },
  );
