/** EventBridge's own words. */
import { Fault } from '../../base/fault.ts';

export const invalid = (message: string): Fault => new Fault('ValidationException', message);

export const notFound = (message: string): Fault => new Fault('ResourceNotFoundException', message);

export const alreadyThere = (message: string): Fault => new Fault('ResourceAlreadyExistsException', message);

export const limitExceeded = (): Fault =>
  new Fault('LimitExceededException', 'The requested resource exceeds the maximum number allowed.');

export const invalidPattern = (reason: string): Fault =>
  new Fault('InvalidEventPatternException', `Event pattern is not valid. Reason: ${reason}`);
