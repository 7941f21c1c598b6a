import { Fault } from '../base/fault.ts';

/** CloudFormation's answer to a template or an argument that is not right. */
export const invalid = (message: string): Fault => new Fault('ValidationError', message, { status: 400 });
