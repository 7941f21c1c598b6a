import { Fault } from '../../base/fault.ts';

export const invalidRequest = (message: string): Fault => new Fault('InvalidRequestException', message);

export const limitExceeded = (message: string): Fault => new Fault('RuleLimitExceededException', message);

export const notFound = (message: string): Fault => new Fault('ResourceNotFoundException', message);
