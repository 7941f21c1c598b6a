/** What is wrong with a query, in the words of AppSync's own engine (graphql-java). */
import type { DocumentNode, GraphQLError } from 'graphql';
import { fieldPath } from './documents.ts';

const RULES: readonly (readonly [pattern: RegExp, words: (match: RegExpExecArray, at: string) => string])[] =
  [
    [
      /^Cannot query field "(.+?)" on type "(.+?)"/,
      ([, field, type], at) =>
        `Validation error of type FieldUndefined: Field '${field}' in type '${type}' is undefined @ '${at}'`,
    ],
    [
      /^Argument "(?:[^"]*\()?([^":]+):?\)?" of (?:required )?type ".+?" is required/,
      ([, name], at) =>
        `Validation error of type MissingFieldArgument: Missing field argument ${name} @ '${at}'`,
    ],
    [
      /^Field ".+?" argument "(.+?)" of type ".+?" is required/,
      ([, name], at) =>
        `Validation error of type MissingFieldArgument: Missing field argument ${name} @ '${at}'`,
    ],
    [
      /^Unknown argument "(.+?)" on field/,
      ([, name], at) => `Validation error of type UnknownArgument: Unknown field argument ${name} @ '${at}'`,
    ],
    [
      /^Field "(.+?)" of type "(.+?)" must have a selection/,
      ([, field, type], at) =>
        `Validation error of type SubSelectionRequired: Sub selection required for type ${type} of field ${field} @ '${at}'`,
    ],
    [
      /^Field "(.+?)" must not have a selection since type "(.+?)" has no subfields/,
      ([, field, type], at) =>
        `Validation error of type SubSelectionNotAllowed: Sub selection not allowed on leaf type ${type} of field ${field} @ '${at}'`,
    ],
    [/^Unknown type "(.+?)"/, ([, type]) => `Validation error of type UnknownType: Unknown type ${type}`],
    [
      /^Unknown fragment "(.+?)"/,
      ([, name]) => `Validation error of type UndefinedFragment: Undefined fragment ${name}`,
    ],
    [
      /^Fragment "(.+?)" is never used/,
      ([, name]) => `Validation error of type UnusedFragment: Unused fragment ${name}`,
    ],
    [
      /^Variable "\$(.+?)" is never used/,
      ([, name]) => `Validation error of type UnusedVariable: Unused variable ${name}`,
    ],
    [
      /^Variable "\$(.+?)" is not defined/,
      ([, name]) => `Validation error of type UndefinedVariable: Undefined variable ${name}`,
    ],
  ];

export function validationMessage(error: GraphQLError, document: DocumentNode): string {
  const at = fieldPath(document, error.nodes?.[0]);
  for (const [pattern, words] of RULES) {
    const match = pattern.exec(error.message);
    if (match !== null) return words(match, at);
  }
  return `Validation error of type InvalidSyntax: ${error.message}${at === '' ? '' : ` @ '${at}'`}`;
}
