/** SQS's own words: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/CommonErrors.html */
import { Fault } from '../../base/fault.ts';

export const noSuchQueue = (): Fault => new Fault('QueueDoesNotExist', 'The specified queue does not exist.');

export const missingParameter = (name: string): Fault =>
  new Fault('MissingParameter', `The request must contain the parameter ${name}.`);

export const invalidParameter = (message: string): Fault => new Fault('InvalidParameterValue', message);

/** `Value 11 for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided.` */
export const invalidValue = (value: unknown, parameter: string, reason: string): Fault =>
  invalidParameter(`Value ${String(value)} for parameter ${parameter} is invalid. Reason: ${reason}`);

export const invalidAttribute = (name: string): Fault =>
  new Fault('InvalidAttributeValue', `Invalid value for the parameter ${name}.`);

export const unknownAttribute = (name: string): Fault =>
  new Fault('InvalidAttributeName', `Unknown Attribute ${name}.`);

export const NOT_FOR_THIS_TYPE = 'The request include parameter that is not valid for this queue type';

export const invalidHandle = (): Fault =>
  new Fault('ReceiptHandleIsInvalid', 'The input receipt handle is invalid.');

export const accessDenied = (action: string, arn: string): Fault =>
  new Fault(
    'AccessDenied',
    `Access to the resource ${arn} is denied: its policy does not allow ${action} to this caller.`,
    { status: 403 },
  );
