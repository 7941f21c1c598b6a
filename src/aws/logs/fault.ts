/** CloudWatch Logs' errors. */
import { Fault } from '../../base/fault.ts';

export const invalidParameter = (message: string): Fault => new Fault('InvalidParameterException', message);

export const notFound = (what: 'log group' | 'log stream' | string): Fault =>
  new Fault('ResourceNotFoundException', `The specified ${what} does not exist.`);

export const alreadyExists = (what: 'log group' | 'log stream'): Fault =>
  new Fault('ResourceAlreadyExistsException', `The specified ${what} already exists`);

export const limitExceeded = (): Fault => new Fault('LimitExceededException', 'Resource limit exceeded.');

/** A member that would change what happens and is not carried out here: never accepted and ignored. */
export const unsupported = (member: string): Fault =>
  invalidParameter(`${member} is not supported by gatehouse; nothing was changed`);
