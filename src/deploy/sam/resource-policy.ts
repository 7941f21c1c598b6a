/** ResourcePolicy of an API or of one method, as statements of `x-amazon-apigateway-policy`. */
import { intrinsicOf, isObject, type Json, type JsonObject } from '../template.ts';
import { branchesOf, sub } from './values.ts';
import { ANY, pathsOf } from './paths.ts';

const POLICY = 'x-amazon-apigateway-policy';

export function addResourcePolicy(
  body: JsonObject,
  policy: JsonObject,
  paths: readonly string[],
  stage: Json,
): void {
  const document: JsonObject = isObject(body[POLICY]) ? body[POLICY] : {};
  for (const path of paths) {
    const resources = resourcesOf(body, path, stage);
    for (const [list, effect] of [
      ['AwsAccountWhitelist', 'Allow'],
      ['AwsAccountBlacklist', 'Deny'],
    ] as const)
      if (policy[list] !== undefined) addAccounts(document, policy[list], effect, resources);
    for (const [list, test] of [
      ['IpRangeWhitelist', 'NotIpAddress'],
      ['IpRangeBlacklist', 'IpAddress'],
    ] as const)
      if (policy[list] !== undefined)
        addDeny(document, resources, { [test]: { 'aws:SourceIp': asList(policy[list]) } });
    for (const [list, test] of [
      ['Blacklist', 'StringEquals'],
      ['Whitelist', 'StringNotEquals'],
    ] as const) {
      const sources = networks(policy, list);
      if (Object.keys(sources).length > 0) addDeny(document, resources, { [test]: sources });
    }
  }
  if (policy.CustomStatements !== undefined) add(document, asList(policy.CustomStatements));
  body[POLICY] = document;
}

function resourcesOf(body: JsonObject, path: string, stage: Json): Json[] {
  const methods = branchesOf(pathsOf(body)[path]).flatMap((item) => Object.keys(item));
  return methods.map((method) => {
    const name = method === ANY || method === 'any' ? '*' : method.toUpperCase();
    return sub(`execute-api:/\${__Stage__}/${name}${path.replace(/\{([a-zA-Z0-9._-]+\+?)\}/g, '*')}`, {
      __Stage__: stage,
    });
  });
}

function addAccounts(
  document: JsonObject,
  accounts: Json | undefined,
  effect: string,
  resources: Json[],
): void {
  document.Version = '2012-10-17';
  const statement: JsonObject = {
    Effect: effect,
    Action: 'execute-api:Invoke',
    Resource: resources,
    Principal: { AWS: asList(accounts ?? null) },
  };
  document.Statement =
    document.Statement === undefined ? statement : [...asList(document.Statement), statement];
}

/** Everyone may, except who the condition names. */
function addDeny(document: JsonObject, resources: Json[], condition: JsonObject): void {
  const base: JsonObject = { Action: 'execute-api:Invoke', Resource: resources, Principal: '*' };
  add(document, [
    { Effect: 'Allow', ...base },
    { Effect: 'Deny', ...base, Condition: condition },
  ]);
}

function networks(policy: JsonObject, list: 'Whitelist' | 'Blacklist'): JsonObject {
  const given = asList(policy[`SourceVpc${list}`] ?? []);
  const named = (start: string): Json[] => given.filter((one) => String(one).startsWith(start));
  const vpcs = [...named('vpc-'), ...asList(policy[`IntrinsicVpc${list}`] ?? [])];
  const endpoints = [...named('vpce-'), ...asList(policy[`IntrinsicVpce${list}`] ?? [])];
  return {
    ...(vpcs.length > 0 && { 'aws:SourceVpc': vpcs }),
    ...(endpoints.length > 0 && { 'aws:SourceVpce': endpoints }),
  };
}

function add(document: JsonObject, statements: readonly Json[]): void {
  document.Version = '2012-10-17';
  const all = document.Statement === undefined ? [] : asList(document.Statement);
  const texts = new Set(all.map((one) => JSON.stringify(one)));
  document.Statement = [...all, ...statements.filter((one) => !texts.has(JSON.stringify(one)))];
}

const asList = (value: Json): Json[] => (Array.isArray(value) && !intrinsicOf(value) ? value : [value]);
