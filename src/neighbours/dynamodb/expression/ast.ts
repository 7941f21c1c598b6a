/** What expressions are made of: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.html */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';

/** `a.b[3].c`, names resolved: `['a', 'b', 3, 'c']`. */
export type DocumentPath = readonly [string, ...(string | number)[]];

export type Operand =
  | { readonly kind: 'path'; readonly path: DocumentPath }
  | { readonly kind: 'value'; readonly value: AttributeValue; readonly placeholder: string }
  | { readonly kind: 'size'; readonly path: DocumentPath };

export type Comparator = '=' | '<>' | '<' | '<=' | '>' | '>=';

export type Condition =
  | {
      readonly kind: 'compare';
      readonly comparator: Comparator;
      readonly left: Operand;
      readonly right: Operand;
    }
  | { readonly kind: 'between'; readonly operand: Operand; readonly low: Operand; readonly high: Operand }
  | { readonly kind: 'in'; readonly operand: Operand; readonly choices: readonly Operand[] }
  | { readonly kind: 'and' | 'or'; readonly left: Condition; readonly right: Condition }
  | { readonly kind: 'not'; readonly condition: Condition }
  | { readonly kind: 'exists' | 'not-exists'; readonly path: DocumentPath }
  | { readonly kind: 'type'; readonly path: DocumentPath; readonly type: Operand }
  | { readonly kind: 'begins-with' | 'contains'; readonly left: Operand; readonly right: Operand };

export type UpdateValue =
  | Operand
  | { readonly kind: 'if-not-exists'; readonly path: DocumentPath; readonly otherwise: UpdateValue }
  | { readonly kind: 'list-append'; readonly left: UpdateValue; readonly right: UpdateValue }
  | { readonly kind: 'plus' | 'minus'; readonly left: UpdateValue; readonly right: UpdateValue };

export interface Update {
  readonly set: readonly { readonly path: DocumentPath; readonly value: UpdateValue }[];
  readonly remove: readonly DocumentPath[];
  readonly add: readonly { readonly path: DocumentPath; readonly value: AttributeValue }[];
  readonly delete: readonly { readonly path: DocumentPath; readonly value: AttributeValue }[];
}

export const printPath = (path: DocumentPath): string =>
  `[${path.map((part) => (typeof part === 'number' ? `[${part}]` : part)).join(', ')}]`;
