/** A path's tokens, by Jayway JsonPath, which API Gateway uses: https://github.com/json-path/JsonPath#operators */
export type Token =
  | { readonly kind: 'property'; readonly names: readonly string[] }
  | { readonly kind: 'index'; readonly indexes: readonly number[] }
  | { readonly kind: 'slice'; readonly from: number | null; readonly to: number | null }
  | { readonly kind: 'wildcard' }
  | { readonly kind: 'scan' }
  | { readonly kind: 'filter'; readonly filter: FilterNode }
  | { readonly kind: 'function'; readonly name: string; readonly parameters: readonly Parameter[] };

export interface Path {
  /** `$` or, in filters, `@`. */
  readonly root: '$' | '@';
  readonly tokens: readonly Token[];
}

export type Parameter =
  | { readonly kind: 'path'; readonly path: Path }
  | { readonly kind: 'value'; readonly value: unknown };

export type FilterNode =
  | { readonly kind: 'and' | 'or'; readonly operands: readonly FilterNode[] }
  | { readonly kind: 'not'; readonly operand: FilterNode }
  | { readonly kind: 'exists'; readonly path: Path; readonly expected: boolean }
  | {
      readonly kind: 'compare';
      readonly operator: Operator;
      readonly left: Operand;
      readonly right: Operand;
    };

export type Operand =
  | { readonly kind: 'path'; readonly path: Path }
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'pattern'; readonly pattern: RegExp };

export const OPERATORS = [
  '==',
  '===',
  '!=',
  '!==',
  '<',
  '<=',
  '>',
  '>=',
  '=~',
  'IN',
  'NIN',
  'ALL',
  'CONTAINS',
  'SIZE',
  'EMPTY',
  'SUBSETOF',
  'ANYOF',
  'NONEOF',
] as const;
export type Operator = (typeof OPERATORS)[number];

/** A path that is none. */
export class JsonPathError extends Error {
  constructor(reason: string, path: string) {
    super(`${reason} in path ${path}`);
    this.name = 'JsonPathError';
  }
}
