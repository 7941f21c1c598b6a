/** API Gateway's errors by name. Texts are AWS's own, as recorded from the service. */
import { Fault } from '../../base/fault.ts';

export const badRequest = (message: string): Fault =>
  new Fault('BadRequestException', message, { status: 400 });
export const conflict = (message: string): Fault => new Fault('ConflictException', message, { status: 409 });
export const notFound = (message: string): Fault => new Fault('NotFoundException', message, { status: 404 });
export const limitExceeded = (message: string): Fault =>
  new Fault('LimitExceededException', message, { status: 429 });

/** `Maximum number of Resources for this API has been reached. ...`: the wording AWS uses for its quotas. */
export const quotaReached = (things: string, where: string): Fault =>
  limitExceeded(
    `Maximum number of ${things} for ${where} has been reached. Please contact AWS if you need additional ${things}.`,
  );

/** What is not built is refused by name. */
export const notSupported = (what: string): Fault => badRequest(`${what}: not supported by gatehouse`);
