/** CloudFormation spells a few members of rules in its own way. */

const ARN_OF = [
  'IPSetReferenceStatement',
  'RegexPatternSetReferenceStatement',
  'RuleGroupReferenceStatement',
];

/** `Arn` for `ARN` in references, `SearchString` as text or base64 for bytes. */
export function sdkRules(value: unknown, parent = ''): unknown {
  if (Array.isArray(value)) return value.map((one) => sdkRules(one, parent));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => {
      if (name === 'Arn' && ARN_OF.includes(parent)) return ['ARN', member];
      if (name === 'SearchString' && typeof member === 'string')
        return ['SearchString', new TextEncoder().encode(member)];
      if (name === 'SearchStringBase64' && typeof member === 'string')
        return ['SearchString', new Uint8Array(Buffer.from(member, 'base64'))];
      if (name === 'RegularExpressionList' && Array.isArray(member)) return [name, member];
      return [name, sdkRules(member, name)];
    }),
  );
}
