/** What is wrong in a SAM resource, in the transform's words. */
import { Fault } from '../../base/fault.ts';

export class SamFault extends Error {
  readonly logicalId: string;

  constructor(logicalId: string, message: string) {
    super(`Resource with id [${logicalId}] is invalid. ${message}`);
    this.name = 'SamFault';
    this.logicalId = logicalId;
  }
}

export const eventFault = (logicalId: string, eventId: string, message: string): SamFault =>
  new SamFault(logicalId, `Event with id [${eventId}] is invalid. ${message}`);

/** All of them at once, as the transform reports them. */
export const samDocumentFault = (messages: readonly string[]): Fault =>
  new Fault(
    'ValidationError',
    `Transform AWS::Serverless-2016-10-31 failed with: Invalid Serverless Application Specification document. Number of errors found: ${messages.length}. ${messages.join(' ')}`,
    { status: 400 },
  );
