/** AWS WAF's errors, in its words. */
import { Fault } from '../../base/fault.ts';

/** `field` and `parameter` as the model lists them: https://docs.aws.amazon.com/waf/latest/APIReference/API_CreateWebACL.html */
export const invalidParameter = (field: string, parameter: string, reason: string): Fault =>
  new Fault(
    'WAFInvalidParameterException',
    `Error reason: ${reason}, field: ${field}, parameter: ${parameter}`,
    {
      members: { Field: field, Parameter: parameter, Reason: reason },
    },
  );

export const unsupported = (field: string, what: string): Fault =>
  invalidParameter(field, what, `${what}: not supported by gatehouse`);

export const missing = (): Fault =>
  new Fault(
    'WAFNonexistentItemException',
    'AWS WAF couldn’t perform the operation because your resource doesn’t exist.',
  );

export const duplicate = (): Fault =>
  new Fault(
    'WAFDuplicateItemException',
    'AWS WAF couldn’t perform the operation because some resource in your request is a duplicate of an existing one.',
  );

export const stale = (): Fault =>
  new Fault(
    'WAFOptimisticLockException',
    'AWS WAF couldn’t save your changes because someone changed the resource after you started to edit it. Reapply your changes.',
  );

export const associated = (): Fault =>
  new Fault(
    'WAFAssociatedItemException',
    'AWS WAF couldn’t perform the operation because your resource is being used by another resource or it’s associated with another resource.',
  );

export const overLimit = (what: string): Fault =>
  new Fault(
    'WAFLimitsExceededException',
    `AWS WAF couldn’t perform the operation because you exceeded your resource limit: ${what}`,
  );
