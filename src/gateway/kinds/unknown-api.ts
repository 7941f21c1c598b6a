/** Nobody has an API of that id: which kind it would have been cannot be known, so the edge answers for all. */
import type { Reply } from '../plan.ts';

export const UNKNOWN_API: Reply = {
  status: 403,
  headers: ['x-amzn-ErrorType', 'ForbiddenException', 'Content-Type', 'application/json'],
  body: '{"message":"Forbidden"}',
};
