/**
 * GetSdk for JavaScript: a client with the surface of AWS's (`apigClientFactory.newClient(config)`, one method a method
 * of the API called with params, body and additionalParams), which needs nothing but a browser or Node.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-generate-sdk-javascript.html
 */
import { readFile } from 'node:fs/promises';
import type { RestDefinition } from '../../gateway/config.ts';

export interface SdkSource {
  readonly definition: RestDefinition;
  /** `https://.../{stage}`. */
  readonly invokeUrl: string;
  readonly region: string;
}

/** One method of the client. */
interface ClientMethod {
  readonly name: string;
  readonly verb: string;
  readonly path: string;
  /** Names of parameters by where they go. */
  readonly pathParameters: readonly string[];
  readonly query: readonly string[];
  readonly headers: readonly string[];
  readonly signed: boolean;
}

/** The bytes of the archive. */
export async function javaScriptSdk(source: SdkSource): Promise<Uint8Array> {
  const methods = clientMethods(source.definition);
  const [{ strToU8, zipSync }, runtime] = await Promise.all([
    import('fflate'),
    readFile(new URL('sdk-runtime/apigClient.js', import.meta.url), 'utf8'),
  ]);
  const described = { invokeUrl: source.invokeUrl, region: source.region, methods };
  // A description is data: `</script>` or a line end that JavaScript alone knows must not break out of it.
  const data = JSON.stringify(described, null, 2).replace(/[<\u2028\u2029]/g, escaped);
  return zipSync({
    'apiGateway-js-sdk/apigClient.js': strToU8(runtime.replace('/* API */ null', () => data)),
    'apiGateway-js-sdk/README.md': strToU8(readme(methods)),
  });
}

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** Every verb of its own, and for ANY each of the seven, as AWS's SDKs have it. */
const VERBS = ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT'];

function clientMethods({ resources }: RestDefinition): ClientMethod[] {
  return resources.flatMap(({ path = '/', resourceMethods = {} }) =>
    VERBS.flatMap((verb) => {
      const method = resourceMethods[verb] ?? resourceMethods['ANY'];
      if (method === undefined) return [];
      const named = Object.keys(method.requestParameters ?? {}).map((key) => key.split('.'));
      const at = (place: string) =>
        named.filter((key) => key[2] === place).map((key) => key.slice(3).join('.'));
      return {
        name: method.operationName ?? nameOf(path, verb),
        verb,
        path,
        pathParameters: [...path.matchAll(/\{([^}+]+)\+?\}/g)].map((found) => found[1] ?? ''),
        query: at('querystring'),
        headers: at('header'),
        signed: method.authorizationType === 'AWS_IAM',
      };
    }),
  );
}

/** `/pets/{petId}` and GET: `petsPetIdGet`; the root: `rootGet`. */
function nameOf(path: string, verb: string): string {
  const words = path.split(/[^A-Za-z0-9]+/).filter(Boolean);
  const whole = [...(words.length === 0 ? ['root'] : words), verb.toLowerCase()];
  return whole.map((word, at) => (at === 0 ? lowered(word) : raised(word))).join('');
}

const raised = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);
const lowered = (word: string): string => word.charAt(0).toLowerCase() + word.slice(1);

const readme = (methods: readonly ClientMethod[]): string => `# JavaScript SDK

\`\`\`
const { apigClientFactory } = require('./apigClient.js'); // or a script tag, which sets the global of that name

const client = apigClientFactory.newClient({ apiKey: '...' }); // or accessKey, secretKey, sessionToken, region
const { status, headers, data } = await client.${methods[0]?.name ?? 'rootGet'}({}, body, { headers: {}, queryParams: {} });
\`\`\`

| method | request | parameters |
|---|---|---|
${methods.map(({ name, verb, path, pathParameters, query, headers }) => `| ${name} | ${verb} ${path} | ${[...pathParameters, ...query, ...headers].join(', ')} |`).join('\n')}
`;
