/** Lambda's errors: every one of them carries `Type`, `User` or `Service`. */
import { Fault } from '../../base/fault.ts';

export const lambdaFault = (
  code: string,
  message: string,
  more: Readonly<Record<string, unknown>> = {},
): Fault => new Fault(code, message, { members: { Type: 'User', ...more } });

export const invalidParameter = (message: string): Fault =>
  lambdaFault('InvalidParameterValueException', message);

export const notFound = (message: string): Fault => lambdaFault('ResourceNotFoundException', message);

export const conflict = (message: string): Fault => lambdaFault('ResourceConflictException', message);

/** A member that would change how a function runs and is not carried out here: never accepted and ignored. */
export const unsupported = (member: string): Fault =>
  invalidParameter(`${member} is not supported by gatehouse; nothing was changed`);

/** Lambda's words for a constraint its model does not carry. */
export const validation = (detail: string): Fault =>
  new Fault('ValidationException', `1 validation error detected: ${detail}`, { status: 400 });

/** Recorded from AWS: the wrong RevisionId of functions and aliases. */
export const staleRevision = (noun: 'Function' | 'Alias'): Fault =>
  lambdaFault(
    'PreconditionFailedException',
    `The Revision Id provided does not match the latest Revision Id. Call the Get${noun}${noun === 'Function' ? '/GetAlias' : ''} API to retrieve the latest Revision Id`,
  );
