/** CloudWatch's errors; codes as the query protocol knows them, which clients of every protocol compare. */
import { Fault } from '../../base/fault.ts';

export const invalidValue = (message: string): Fault =>
  new Fault('InvalidParameterValueException', message, { status: 400 });

export const invalidCombination = (message: string): Fault =>
  new Fault('InvalidParameterCombinationException', message, { status: 400 });

export const missingParameter = (message: string): Fault =>
  new Fault('MissingRequiredParameterException', message, { status: 400 });

export const validation = (message: string): Fault => new Fault('ValidationError', message, { status: 400 });

export const limitExceeded = (message: string): Fault =>
  new Fault('LimitExceededFault', message, { status: 400 });

export const notFound = (message: string): Fault => new Fault('ResourceNotFound', message, { status: 404 });
