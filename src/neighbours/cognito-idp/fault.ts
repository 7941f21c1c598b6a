/** Cognito's errors, by AWS's names and words. */
import { Fault } from '../../base/fault.ts';

export const invalidParameter = (message: string): Fault => new Fault('InvalidParameterException', message);

export const notAuthorized = (message: string): Fault => new Fault('NotAuthorizedException', message);

export const notFound = (message: string): Fault => new Fault('ResourceNotFoundException', message);

export const userNotFound = (): Fault => new Fault('UserNotFoundException', 'User does not exist.');

/** The one answer to a wrong password and, where a client hides who exists, to a wrong name. */
export const wrongPassword = (): Fault => notAuthorized('Incorrect username or password.');

export const codeMismatch = (message = 'Invalid verification code provided, please try again.'): Fault =>
  new Fault('CodeMismatchException', message);

export const codeExpired = (): Fault =>
  new Fault('ExpiredCodeException', 'Invalid code provided, please request a code again.');

export const tooManyAttempts = (): Fault =>
  new Fault('LimitExceededException', 'Attempt limit exceeded, please try after some time.');

/** What is there on AWS and not here. */
export const unsupported = (what: string): Fault => invalidParameter(`${what}: not supported by gatehouse`);
