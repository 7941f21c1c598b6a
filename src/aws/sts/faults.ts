import { Fault } from '../../base/fault.ts';

export const accessDenied = (message: string): Fault => new Fault('AccessDenied', message, { status: 403 });

export const validationError = (message: string): Fault =>
  new Fault('ValidationError', message, { status: 400 });
