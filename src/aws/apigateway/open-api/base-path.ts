/** A document's base path and what an import makes of it: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-import-api-basePath.html */
import { badRequest } from '../faults.ts';
import { asList, asObject, asText, type OpenApiDocument } from './document.ts';

/** What goes before every path: nothing (`ignore`), the base path (`prepend`), or it without its first part (`split`). */
export function basePathOf(document: OpenApiDocument, mode: string | undefined): string {
  const parts = declaredBasePath(document).split('/').filter(Boolean);
  switch ((mode ?? 'ignore').toLowerCase()) {
    case 'ignore':
      return '';
    case 'prepend':
      return parts.map((part) => `/${part}`).join('');
    case 'split':
      return parts
        .slice(1)
        .map((part) => `/${part}`)
        .join('');
    default:
      throw badRequest(`Invalid basepath mode specified: ${mode}. Valid options are ignore, prepend, split`);
  }
}

/** Version 2: `basePath`. Version 3: the variable `basePath` of the first server, else the path of its URL. */
function declaredBasePath(document: OpenApiDocument): string {
  if (document.version === 2) return asText(document.root['basePath']) ?? '';
  const server = asObject(asList(document.root['servers'])[0]);
  const variable = asObject(asObject(server['variables'])['basePath'])['default'];
  if (variable !== undefined) return asText(variable) ?? '';
  const url = asText(server['url']) ?? '';
  return url.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/]*/i, '').split(/[?#]/)[0] ?? '';
}
