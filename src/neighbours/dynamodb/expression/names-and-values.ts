/** The placeholders of one request: looked up, checked, and counted, since DynamoDB refuses the ones nobody uses. */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { Fault } from '../../../base/fault.ts';
import { admit, own } from '../attribute-value.ts';

export interface Placeholders {
  name(placeholder: string, expression: string): string;
  value(placeholder: string, expression: string): AttributeValue;
  /** After every expression is parsed. Throws ValidationException for what was given and not used. */
  checkAllUsed(): void;
}

export interface PlaceholderInput {
  readonly ExpressionAttributeNames?: Record<string, string> | undefined;
  readonly ExpressionAttributeValues?: Record<string, AttributeValue> | undefined;
}

const invalid = (message: string): Fault => new Fault('ValidationException', message);

/** `expressions`: the request's own expressions, to refuse placeholders that come without any. */
export function createPlaceholders(
  input: PlaceholderInput,
  expressions: readonly (string | undefined)[],
): Placeholders {
  const { ExpressionAttributeNames: names, ExpressionAttributeValues: values } = input;
  checkGiven(
    names,
    values,
    expressions.some((expression) => expression !== undefined),
  );
  const used = new Set<string>();
  return {
    name(placeholder, expression) {
      used.add(placeholder);
      const name = own(names ?? {}, placeholder);
      if (name !== undefined) return name;
      throw invalid(
        `Invalid ${expression}: An expression attribute name used in the document path is not defined; attribute name: ${placeholder}`,
      );
    },
    value(placeholder, expression) {
      used.add(placeholder);
      const value = own(values ?? {}, placeholder);
      if (value) return admitValue(placeholder, value);
      throw invalid(
        `Invalid ${expression}: An expression attribute value used in expression is not defined; attribute value: ${placeholder}`,
      );
    },
    checkAllUsed() {
      refuseUnused('ExpressionAttributeNames', names, used);
      refuseUnused('ExpressionAttributeValues', values, used);
    },
  };
}

function checkGiven(names: object | undefined, values: object | undefined, hasExpression: boolean): void {
  for (const [label, given] of Object.entries({
    ExpressionAttributeNames: names,
    ExpressionAttributeValues: values,
  })) {
    if (!given) continue;
    if (!hasExpression) throw invalid(`${label} can only be specified when using expressions`);
    if (Object.keys(given).length === 0) throw invalid(`${label} must not be empty`);
  }
  refuseMisspelt('ExpressionAttributeNames', names, /^#[A-Za-z0-9_]+$/);
  refuseMisspelt('ExpressionAttributeValues', values, /^:[A-Za-z0-9_]+$/);
}

function refuseMisspelt(label: string, given: object | undefined, form: RegExp): void {
  const bad = Object.keys(given ?? {}).find((key) => !form.test(key));
  if (bad !== undefined) throw invalid(`${label} contains invalid key: Syntax error; key: "${bad}"`);
}

function admitValue(placeholder: string, value: AttributeValue): AttributeValue {
  try {
    return admit(value);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    throw invalid(
      `ExpressionAttributeValues contains invalid value: ${error.message} for key ${placeholder}`,
    );
  }
}

function refuseUnused(label: string, given: object | undefined, used: ReadonlySet<string>): void {
  const unused = Object.keys(given ?? {}).filter((key) => !used.has(key));
  if (unused.length > 0)
    throw invalid(`Value provided in ${label} unused in expressions: keys: {${unused.join(', ')}}`);
}
