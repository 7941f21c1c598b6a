/** AWS Lambda: its control plane and invocations. */
import type * as sdk from '@aws-sdk/client-lambda';
import type { Invoke } from '../../base/ports.ts';
import type { ResourceType } from '../../base/resource-type.ts';
import type { HandlersOf, ServiceInstance } from '../../wire/service.ts';
import { accountSettingsOperations } from './account-settings.ts';
import { aliasOperations } from './alias.ts';
import { aliasResource } from './alias-resource.ts';
import { createCatalog } from './catalog.ts';
import { codeSigningOperations } from './code-signing.ts';
import { codeSigningConfigResource } from './code-signing-resource.ts';
import { createCodeLinks } from './code-location.ts';
import { concurrencyOperations } from './concurrency.ts';
import { createRunEvent } from './event-attempt.ts';
import { eventInvokeConfigOperations } from './event-invoke-config.ts';
import { eventInvokeConfigResource } from './event-invoke-config-resource.ts';
import { createEventQueue } from './event-queue.ts';
import { eventSourceMappingOperations } from './event-source/mapping.ts';
import { eventSourceMappingResource } from './event-source/mapping-resource.ts';
import { createSupervisor } from './event-source/supervisor.ts';
import { functionOperations } from './function.ts';
import { functionCodeSigningOperations } from './function-code-signing.ts';
import { functionDeletionOperations } from './function-deletion.ts';
import { functionRecordOperations } from './function-records.ts';
import { functionResource } from './function-resource.ts';
import { functionUpdateOperations } from './function-update.ts';
import { createFindFunctionUrl, type FunctionUrl, functionUrlOperations } from './function-url.ts';
import { type AuthorizeFunctionUrl, createAuthorizeFunctionUrl } from './function-url-permission.ts';
import { functionUrlResource } from './function-url-resource.ts';
import { invocationOperations } from './invocation.ts';
import { createInvoke } from './invoke.ts';
import { layerOperations } from './layer.ts';
import { layerPermissionOperations } from './layer-permission.ts';
import { layerVersionPermissionResource, layerVersionResource } from './layer-resource.ts';
import { startCollecting } from './orphan-code.ts';
import { permissionOperations } from './permission.ts';
import { permissionResource } from './permission-resource.ts';
import type { LambdaPorts, LambdaRoom } from './ports.ts';
import { createProvisioning } from './provisioning.ts';
import { tagOperations } from './tags.ts';
import { versionOperations } from './version.ts';
import { versionResource } from './version-resource.ts';

const resourceTypes = [
  functionResource,
  versionResource,
  aliasResource,
  permissionResource,
  layerVersionResource,
  layerVersionPermissionResource,
  eventInvokeConfigResource,
  eventSourceMappingResource,
  functionUrlResource,
  codeSigningConfigResource,
] as readonly ResourceType[]; // each knows its own properties, which the deploy engine checks by AWS's schema

export interface LambdaService extends ServiceInstance {
  readonly invoke: Invoke;
  /** The zip behind a `Code.Location`: the server answers `GET /_aws/lambda/code/...` with it, or 403. */
  openCode(target: string): Promise<Uint8Array | undefined>;
  /** The function behind `{urlId}.lambda-url.{region}...`, for the data plane. */
  findFunctionUrl(urlId: string): Promise<FunctionUrl | undefined>;
  /** Whether policies let this caller, or anybody, call the URL. */
  readonly authorizeFunctionUrl: AuthorizeFunctionUrl;
}

export function createLambda(ports: LambdaPorts): LambdaService {
  const catalog = createCatalog(ports);
  const provisioning = createProvisioning({ ...ports, catalog });
  const room: LambdaRoom = { ...ports, catalog, provisioning, codeLinks: createCodeLinks(ports) };
  const queue = createEventQueue(room, createRunEvent(room));
  const invoke = createInvoke(room, queue);
  const supervisor = createSupervisor(room, invoke);
  const handlers = {
    ...functionOperations(room),
    ...functionUpdateOperations(room),
    ...functionDeletionOperations(room),
    ...versionOperations(room),
    ...aliasOperations(room),
    ...permissionOperations(room),
    ...concurrencyOperations(room),
    ...eventInvokeConfigOperations(room),
    ...eventSourceMappingOperations(room, supervisor),
    ...functionUrlOperations(room),
    ...functionRecordOperations(room),
    ...codeSigningOperations(room),
    ...functionCodeSigningOperations(room),
    ...layerOperations(room),
    ...layerPermissionOperations(room),
    ...accountSettingsOperations(room),
    ...tagOperations(room),
    ...invocationOperations(invoke),
  } satisfies HandlersOf<typeof sdk>;
  let stopCollecting = () => {};
  return {
    handlers,
    resourceTypes,
    invoke,
    openCode: (target) => room.codeLinks.open(target),
    findFunctionUrl: createFindFunctionUrl(room),
    authorizeFunctionUrl: createAuthorizeFunctionUrl(room),
    async start() {
      stopCollecting = startCollecting(room);
      await queue.start();
      await supervisor.start();
      await provisioning.start();
    },
    async release() {
      supervisor.release();
    },
    async stop() {
      stopCollecting();
      provisioning.stop();
      await supervisor.stop();
      await queue.stop();
    },
  };
}
