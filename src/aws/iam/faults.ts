/** IAM's errors, in the words recorded from AWS. */
import { Fault } from '../../base/fault.ts';

export const noSuchEntity = (message: string): Fault => new Fault('NoSuchEntityException', message);
export const alreadyExists = (message: string): Fault => new Fault('EntityAlreadyExistsException', message);
export const deleteConflict = (message: string): Fault => new Fault('DeleteConflictException', message);
export const invalidInput = (message: string): Fault => new Fault('InvalidInputException', message);
export const malformedPolicy = (message: string): Fault =>
  new Fault('MalformedPolicyDocumentException', message);
export const validationError = (message: string): Fault =>
  new Fault('ValidationError', message, { status: 400 });

/** `Cannot exceed quota for AccessKeysPerUser: 2` */
export const overQuota = (quota: string, most: number): Fault =>
  new Fault('LimitExceededException', `Cannot exceed quota for ${quota}: ${most}`);
