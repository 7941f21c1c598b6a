/** Which payloads are binary. */

/** `image/png; charset=x` -> `image/png`. */
export function mediaTypeOf(contentType: string | undefined): string | undefined {
  if (contentType === undefined) return undefined;
  const end = contentType.search(/[;,]/);
  return (end === -1 ? contentType : contentType.slice(0, end)).trim().toLowerCase();
}

export type IsBinary = (contentType: string | undefined) => boolean;

/**
 * REST: a type is binary when the API lists it. Only the first type of an Accept header counts, parameters do not.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-payload-encodings-workflow.html
 */
export function compileBinaryTypes(listed: readonly string[]): IsBinary {
  if (listed.length === 0) return () => false;
  // The API stores `image~1png` for `image/png` when it was added by patch.
  const types = new Set(listed.map((type) => type.replaceAll('~1', '/').toLowerCase()));
  if (types.has('*/*')) return () => true;
  return (contentType) => {
    const type = mediaTypeOf(contentType);
    if (type === undefined) return false;
    return types.has(type) || types.has(`${type.slice(0, type.indexOf('/'))}/*`);
  };
}

const TEXT = /^(text\/.*|application\/(json|xml|javascript)|[^;]+\+(json|xml))$/;

/** HTTP APIs: a body is handed to a function as text when its type says so, and as base64 otherwise; absent means text. */
export function isTextForHttpApi(contentType: string | undefined): boolean {
  const type = mediaTypeOf(contentType);
  return type === undefined || type === '' || TEXT.test(type);
}
