/** What an HTTP API may change in requests and responses: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-parameter-mapping.html */
import { badRequest } from './faults.ts';
import type { IntegrationRow } from './integration-row.ts';

const REQUEST_KEY = /^((append|overwrite|remove):(header|querystring)\.[^\s:]+|overwrite:path)$/;
const RESPONSE_KEY = /^((append|overwrite|remove):header\.[^\s:]+|overwrite:statuscode)$/;
const STATUS = /^[2-5]\d\d$/;

/** Reserved headers, from the same page. */
const RESERVED =
  /:header\.(access-control-.*|apigw-.*|authorization|connection|content-encoding|content-length|content-location|forwarded|keep-alive|origin|proxy-authenticate|proxy-authorization|te|trailers|transfer-encoding|upgrade|x-amz-.*|x-amzn-.*|x-forwarded-for|x-forwarded-host|x-forwarded-proto|via)$/i;

/** Throws BadRequestException. */
export function checkParameterMappings(row: IntegrationRow): void {
  if (!row.IntegrationSubtype)
    for (const [key, source] of Object.entries(row.RequestParameters ?? {})) {
      checkKey(key, REQUEST_KEY);
      checkSource(source, REQUEST_SOURCE);
    }
  else for (const source of Object.values(row.RequestParameters ?? {})) checkSource(source, REQUEST_SOURCE);
  for (const [status, mapping] of Object.entries(row.ResponseParameters ?? {})) {
    if (!STATUS.test(status)) throw invalid(status);
    for (const [key, source] of Object.entries(mapping)) {
      checkKey(key, RESPONSE_KEY);
      checkSource(source, RESPONSE_SOURCE);
    }
  }
}

const REQUEST_SOURCE =
  /^(request\.(header|querystring|path|body)(\.|\[|$)|request\.path$|context\.\S|stageVariables\.\w)/;
const RESPONSE_SOURCE =
  /^(response\.(header\.|body(\.|\[|$))|request\.(header|querystring|path|body)(\.|\[|$)|context\.\S|stageVariables\.\w)/;
const VARIABLE = /\$\{([^}]*)\}|^\$([a-zA-Z].*)$/g;

/** "Recursive descent ($request.body..name) and filter expressions (?(expression)) aren't supported." */
function checkSource(source: string, form: RegExp): void {
  for (const match of source.matchAll(VARIABLE)) {
    const variable = match[1] ?? match[2] ?? '';
    if (!form.test(variable) || variable.includes('..') || variable.includes('?('))
      throw badRequest(
        `Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping expression specified: ${source}]`,
      );
  }
}

function checkKey(key: string, form: RegExp): void {
  if (!form.test(key)) throw invalid(key);
  if (RESERVED.test(key)) throw badRequest(`Operations on header ${key.split('header.')[1]} are restricted`);
}

const invalid = (key: string) =>
  badRequest(
    `Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping expression parameter specified: ${key}]`,
  );
