/** CloudFormation's faults, in its words. */
import { Fault } from '../../base/fault.ts';

export const validationError = (message: string): Fault =>
  new Fault('ValidationError', message, { status: 400 });

export const noSuchStack = (name: string): Fault => validationError(`Stack with id ${name} does not exist`);

/** UpdateStack and change sets word it differently from DescribeStacks. */
export const noSuchStackToChange = (name: string): Fault => validationError(`Stack [${name}] does not exist`);

export const alreadyExists = (message: string): Fault =>
  new Fault('AlreadyExistsException', message, { status: 400 });

export const noSuchChangeSet = (name: string): Fault =>
  new Fault('ChangeSetNotFound', `ChangeSet [${name}] does not exist`, { status: 404 });

/** Refused by name: a feature that is not there. */
export const unsupported = (what: string): Fault =>
  validationError(`${what}: not supported by gatehouse; nothing was changed`);
