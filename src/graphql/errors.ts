/** Errors as AppSync puts them into an answer. */

export class ResolverError extends Error {
  readonly errorType: string | null;
  readonly data: unknown;
  readonly errorInfo: unknown;

  constructor(
    message: string,
    errorType: string | null = null,
    data: unknown = null,
    errorInfo: unknown = null,
  ) {
    super(message);
    this.name = 'ResolverError';
    this.errorType = errorType;
    this.data = data;
    this.errorInfo = errorInfo;
  }
}

/** What code or a template did wrong, as both languages tell it. */
export const mappingFailed = (message: string): ResolverError =>
  new ResolverError(message, 'MappingTemplate');

export const unauthorizedField = (fieldName: string, typeName: string): ResolverError =>
  new ResolverError(`Not Authorized to access ${fieldName} on type ${typeName}`, 'Unauthorized');

/** An answer of its own instead of one to the query. */
export class RequestError extends Error {
  readonly status: number;
  readonly errorType: string;
  /** Headers and body of its own, where a web ACL's rule says so. */
  readonly response:
    | { readonly headers: Readonly<Record<string, string>>; readonly body: string }
    | undefined;

  constructor(status: number, errorType: string, message: string, response?: RequestError['response']) {
    super(message);
    this.name = 'RequestError';
    this.status = status;
    this.errorType = errorType;
    this.response = response;
  }
}
