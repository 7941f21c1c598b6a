/** A template's tree. `at` is the offset in the source. */
export type Node =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'reference'; readonly reference: Reference; readonly escape: Escape }
  | { readonly kind: 'set'; readonly target: Reference; readonly value: Expression; readonly at: number }
  | { readonly kind: 'if'; readonly branches: readonly Branch[]; readonly otherwise: readonly Node[] | null }
  | {
      readonly kind: 'foreach';
      readonly variable: string;
      readonly list: Expression;
      readonly body: readonly Node[];
      readonly at: number;
    }
  | {
      readonly kind: 'macro';
      readonly name: string;
      readonly parameters: readonly string[];
      readonly body: readonly Node[];
    }
  | {
      readonly kind: 'call';
      readonly name: string;
      readonly args: readonly Expression[];
      /** The call as written: what prints when there is no such macro. */
      readonly literal: string;
      /** Of `#@name(...) body #end`. */
      readonly body: readonly Node[] | null;
      readonly at: number;
    }
  | { readonly kind: 'define'; readonly variable: string; readonly body: readonly Node[] }
  | { readonly kind: 'evaluate'; readonly source: Expression; readonly at: number }
  | {
      readonly kind: 'directive';
      readonly name: string;
      readonly args: readonly Expression[];
      readonly at: number;
    }
  | { readonly kind: 'break' }
  | { readonly kind: 'stop' };

export interface Branch {
  readonly test: Expression;
  readonly body: readonly Node[];
}

export interface Reference {
  readonly root: string;
  readonly steps: readonly Step[];
  /** `$!x`: prints nothing when null. */
  readonly quiet: boolean;
  /** As written, without backslashes. */
  readonly literal: string;
  readonly at: number;
}

export type Step =
  | { readonly kind: 'property'; readonly name: string }
  | {
      readonly kind: 'method';
      readonly name: string;
      readonly args: readonly Expression[];
      readonly at: number;
    }
  | { readonly kind: 'index'; readonly key: Expression; readonly at: number };

/** Backslashes in front of a reference: halved when there is a value, an odd one keeps the reference from being read. */
export interface Escape {
  readonly escaped: boolean;
  /** Half of the backslashes. */
  readonly prefix: string;
}

export type Expression =
  | { readonly kind: 'constant'; readonly value: unknown }
  | { readonly kind: 'reference'; readonly reference: Reference }
  | { readonly kind: 'interpolation'; readonly body: readonly Node[] }
  | { readonly kind: 'list'; readonly items: readonly Expression[] }
  | { readonly kind: 'range'; readonly from: Expression; readonly to: Expression; readonly at: number }
  | { readonly kind: 'map'; readonly entries: readonly (readonly [Expression, Expression])[] }
  | { readonly kind: 'not'; readonly operand: Expression }
  | {
      readonly kind: 'binary';
      readonly operator: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
      readonly at: number;
      /** The operands as written: null joins to a string as its own text. */
      readonly literals: readonly [string, string];
    };

export type BinaryOperator =
  | 'and'
  | 'or'
  | 'eq'
  | 'ne'
  | 'lt'
  | 'le'
  | 'gt'
  | 'ge'
  | 'add'
  | 'subtract'
  | 'multiply'
  | 'divide'
  | 'modulo';
