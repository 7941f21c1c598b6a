/** Unreadable input in the words of AWS's frameworks, as its answers and its emulators' recorded tests show them. */
import { Fault } from '../base/fault.ts';
import type { Malformed, Mistake } from './codecs/malformed.ts';
import type { ServiceRow } from './services.ts';

export function malformedFault(malformed: Malformed, code: string, service: ServiceRow): Fault {
  const text = code === 'MalformedXML' ? S3_TEXT : textOf(malformed.mistake, service.id === 'dynamodb');
  return new Fault(code, text, { status: 400 });
}

const S3_TEXT = 'The XML you provided was not well-formed or did not validate against our published schema';

/** DynamoDB's parser is another than that of the other services, and says `cannot`. */
function textOf(mistake: Mistake, dynamodb: boolean): string {
  switch (mistake.kind) {
    case 'syntax':
      return mistake.text;
    case 'unexpected':
      if (mistake.found === 'list')
        return dynamodb
          ? 'Unrecognized collection type class java.lang.String'
          : 'Start of list found where not expected';
      return `Start of structure or map found where not expected${dynamodb ? '' : '.'}`;
    case 'expected':
      return mistake.what === 'structure' ? 'Expected null' : `Expected ${mistake.what} or null`;
    case 'scalar':
      if (dynamodb) return `${mistake.found} cannot be converted to ${mistake.wanted}`;
      return `${mistake.found} can not be converted to ${/^[AEIOU]/.test(mistake.wanted) ? 'an' : 'a'} ${mistake.wanted}`;
    case 'timestamp':
      return `Invalid timestamp: ${mistake.text}`;
    case 'blob':
      return `'${mistake.text}' can not be converted to a Blob: ${mistake.reason}`;
    case 'union':
      return mistake.text;
    default:
      return mistake satisfies never;
  }
}
