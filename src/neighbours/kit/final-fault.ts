/** Faults that trying again would not mend: the target is not there, or does not let in, or cannot read what it got. */
import { isFault } from '../../base/fault.ts';

const FINAL =
  /NotFound|NonExistent|DoesNotExist|AccessDenied|NotAuthorized|AuthorizationError|Invalid|Malformed|TooLarge|TooLong|Validation|MissingParameter|NotImplemented/;

export const isFinalFault = (thrown: unknown): boolean => isFault(thrown) && FINAL.test(thrown.code);

export const codeOf = (thrown: unknown): string => (isFault(thrown) ? thrown.code : 'INTERNAL_ERROR');
