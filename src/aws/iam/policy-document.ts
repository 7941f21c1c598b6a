/** How policy documents come in and go out: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html */
import { PolicyError, parsePolicy } from '../../lang/policy/document.ts';
import { validatePolicy } from '../../lang/policy/validate.ts';
import { malformedPolicy } from './faults.ts';

/** Answers carry documents URL-encoded after RFC 3986: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRolePolicy.html */
export const encodedDocument = (document: string): string =>
  encodeURIComponent(document).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );

/** Quotas count characters without white space. */
export const documentSize = (document: string): number => document.replace(/\s+/g, '').length;

/** A policy of an identity. Throws MalformedPolicyDocument. */
export const checkIdentityPolicy = (document: string): void =>
  malformedUnless(() => validatePolicy(document, 'identity'));

/** A role's trust policy. Throws MalformedPolicyDocument. */
export function checkTrustPolicy(document: string): void {
  if (!isJson(document)) throw malformedPolicy('This policy contains invalid Json');
  malformedUnless(() => {
    validatePolicy(document, 'trust');
    const actions = parsePolicy(document).statements.flatMap((statement) => statement.action.values);
    if (!actions.every(isAssumeAction))
      throw new PolicyError('AssumeRole policy may only specify STS AssumeRole actions.');
  });
}

const ASSUME_ACTIONS = [
  'sts:assumerole',
  'sts:assumerolewithsaml',
  'sts:assumerolewithwebidentity',
  'sts:tagsession',
  'sts:setsourceidentity',
  'sts:setcontext',
  'sts:*',
  'sts:assumerole*',
];

const isAssumeAction = (action: string): boolean => ASSUME_ACTIONS.includes(action.toLowerCase());

function malformedUnless(check: () => void): void {
  try {
    check();
  } catch (thrown) {
    if (thrown instanceof PolicyError) throw malformedPolicy(thrown.message);
    throw thrown;
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
