/** AppSync's refusals, in its words. */
import { Fault } from '../../base/fault.ts';

export const badRequest = (message: string, members: Readonly<Record<string, unknown>> = {}): Fault =>
  new Fault('BadRequestException', message, { members });

export const notFound = (what: string): Fault => new Fault('NotFoundException', what);

export const apiNotFound = (apiId: string | undefined): Fault => notFound(`GraphQL API ${apiId} not found.`);
