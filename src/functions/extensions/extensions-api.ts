/**
 * The Extensions API: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html. Names of errors are
 * those of AWS's own emulator of the runtime interface.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { limits } from '../../base/limits.ts';
import { accept, type ApiRoute, readBody, refuse } from '../environment-api.ts';
import type { ExtensionEvent, ExtensionRegistry } from './extension.ts';

const BASE = '/2020-01-01/extension';
const MOST_EXTENSIONS = 10;
const BODY_BYTES = 256 * 1024;

export interface ExtensionsApiPorts {
  readonly registry: ExtensionRegistry;
  readonly functionName: string;
  readonly functionVersion: string;
  readonly handler: string;
  readonly accountId: string;
  /** Names of the programs in `/opt/extensions`: any other name is an internal extension's. */
  readonly externalNames: ReadonlySet<string>;
  /** Nobody registers once the environment is up. */
  readonly isInitializing: () => boolean;
  readonly registered: (name: string, events: readonly ExtensionEvent[]) => void;
  /** The extension told of a failure: the environment is no good any more. */
  readonly failed: (errorType: string) => void;
}

export function createExtensionsApi(ports: ExtensionsApiPorts): ApiRoute {
  return async (request, response, path) => {
    if (!path.startsWith(BASE)) return false;
    const route = `${request.method} ${path.slice(BASE.length)}`;
    if (route === 'POST /register') await register(ports, request, response);
    else if (route === 'GET /event/next') next(ports, request, response);
    else if (route === 'POST /init/error' || route === 'POST /exit/error')
      await tellError(ports, request, response);
    else return false;
    return true;
  };
}

const header = (request: IncomingMessage, name: string): string | undefined => {
  const value = request.headers[name];
  return typeof value === 'string' ? value : undefined;
};

async function register(
  ports: ExtensionsApiPorts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { registry } = ports;
  const body = await readBody(request, BODY_BYTES);
  const name = header(request, 'lambda-extension-name');
  if (!name) return refuse(response, 403, 'Empty extension name', 'Extension.InvalidExtensionName');
  if (!ports.isInitializing())
    return refuse(response, 403, 'Extension registration closed already', 'Extension.RegistrationClosed');
  if (registry.byName(name) !== undefined)
    return refuse(
      response,
      403,
      'Extension with this name already registered',
      'Extension.AlreadyRegistered',
    );
  if (registry.size >= MOST_EXTENSIONS)
    return refuse(
      response,
      400,
      `Extension limit (${MOST_EXTENSIONS}) reached`,
      'Extension.TooManyExtensions',
    );
  const events = readEvents(body);
  if (events === undefined)
    return refuse(response, 400, 'Invalid extension register request', 'InvalidRequestFormat');
  const isExternal = ports.externalNames.has(name);
  if (!isExternal && events.includes('SHUTDOWN'))
    return refuse(
      response,
      400,
      'SHUTDOWN event is not supported for internal extensions',
      'ShutdownEventNotSupportedForInternalExtension',
    );
  const { id } = registry.register(name, events, isExternal);
  ports.registered(name, events);
  const wantsAccount = header(request, 'lambda-extension-accept-feature')?.includes('accountId') === true;
  response.writeHead(200, { 'Content-Type': 'application/json', 'Lambda-Extension-Identifier': id });
  response.end(
    JSON.stringify({
      functionName: ports.functionName,
      functionVersion: ports.functionVersion,
      handler: ports.handler,
      ...(wantsAccount && { accountId: ports.accountId }),
    }),
  );
}

/** Without a body, or without events in it, the extension only runs beside the function. */
function readEvents(body: Buffer | undefined): ExtensionEvent[] | undefined {
  if (body === undefined) return undefined;
  if (body.length === 0) return [];
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    const events: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, 'events') : [];
    if (events === undefined) return [];
    return Array.isArray(events) && events.every(isEvent) ? events : undefined;
  } catch {
    return undefined;
  }
}

const isEvent = (value: unknown): value is ExtensionEvent => value === 'INVOKE' || value === 'SHUTDOWN';

function next({ registry }: ExtensionsApiPorts, request: IncomingMessage, response: ServerResponse): void {
  const id = header(request, 'lambda-extension-identifier');
  if (!id)
    return refuse(
      response,
      403,
      'Missing Lambda-Extension-Identifier header',
      'Extension.MissingExtensionIdentifier',
    );
  const extension = registry.byId(id);
  if (extension === undefined)
    return refuse(response, 403, `Unknown extension ${id}`, 'Extension.UnknownExtensionIdentifier');
  registry.takeNext(extension, response);
}

async function tellError(
  ports: ExtensionsApiPorts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  await readBody(request, limits.lambdaResponseBytes);
  const extension = ports.registry.byId(header(request, 'lambda-extension-identifier'));
  if (extension === undefined)
    return refuse(response, 403, 'Unknown extension', 'Extension.UnknownExtensionIdentifier');
  const errorType = header(request, 'lambda-extension-function-error-type');
  if (!errorType)
    return refuse(
      response,
      403,
      'Missing Lambda-Extension-Function-Error-Type header',
      'Extension.MissingHeader',
    );
  ports.failed(errorType);
  accept(response);
}
