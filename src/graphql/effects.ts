/** What code or a template did beside making a value. */

export interface Effects {
  /** Errors to be told beside the data. */
  readonly appended: { message: string; errorType: string | null; data: unknown; errorInfo: unknown }[];
  readonly responseHeaders: Record<string, string>;
  readonly evictions: {
    readonly typeName: string;
    readonly fieldName: string;
    readonly keys: Readonly<Record<string, unknown>>;
  }[];
  readonly invalidations: unknown[];
  readonly logs: { readonly level: 'INFO' | 'ERROR'; readonly message: string }[];
  subscriptionFilter?: unknown;
  invalidationFilter?: unknown;
}

export const noEffects = (): Effects => ({
  appended: [],
  responseHeaders: {},
  evictions: [],
  invalidations: [],
  logs: [],
});

/** `util.authType()`. */
export type AuthTypeName =
  | 'API Key Authorization'
  | 'IAM Authorization'
  | 'User Pool Authorization'
  | 'Open ID Connect Authorization'
  | 'Lambda Authorization';

/** The context object, as both languages see it. Plain JSON. */
export interface ResolverContext {
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly identity: unknown;
  readonly source: unknown;
  readonly request: {
    readonly headers: Readonly<Record<string, string>>;
    readonly domainName: string | null;
  };
  readonly info: {
    readonly fieldName: string;
    readonly parentTypeName: string;
    readonly variables: Readonly<Record<string, unknown>>;
    readonly selectionSetList: readonly string[];
    readonly selectionSetGraphQL: string;
  };
  readonly prev: { readonly result: unknown } | null;
  readonly result?: unknown;
  readonly error?: { readonly message: string; readonly type: string | null } | null;
  readonly outErrors?: readonly unknown[];
  readonly env: Readonly<Record<string, string>>;
}

/** How a stage ended. `early`: the rest of the field is not run. */
export type Evaluated =
  | { readonly kind: 'value'; readonly value: unknown; readonly stash: Record<string, unknown> }
  | {
      readonly kind: 'early';
      readonly value: unknown;
      readonly stash: Record<string, unknown>;
      readonly skipsAll: boolean;
    };
