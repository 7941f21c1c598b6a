/** Client certificates: https://docs.aws.amazon.com/apigateway/latest/developerguide/getting-started-client-side-ssl-authentication.html */
import type {
  ClientCertificate,
  ClientCertificates,
  DeleteClientCertificateRequest,
  GenerateClientCertificateRequest,
  GetClientCertificateRequest,
  GetClientCertificatesRequest,
  UpdateClientCertificateRequest,
} from '@aws-sdk/client-api-gateway';
import { apiGatewayId, pinnedId } from '../../base/ids.ts';
import { limits } from '../../base/limits.ts';
import type { Scope } from '../../base/scope.ts';
import type { Reader } from '../../store/store.ts';
import type { Call } from '../../wire/service.ts';
import { type Draft, draftOf } from '../kit/draft.ts';
import { pageOfRows } from '../kit/page.ts';
import { applyPatches, bareRefusals, type PatchRules, patchText } from '../kit/patch.ts';
import { type ClientCertificateRow, clientCertificates } from './client-certificate-row.ts';
import { badRequest, notFound, quotaReached } from './faults.ts';
import type { ApiGatewayPorts } from './ports.ts';
import { wholeSeconds } from './rest-api.ts';
import { restApis } from './rest-api-row.ts';
import { selfSignedCertificate } from './self-signed-certificate.ts';
import { filled, withoutEmpty } from './shapes.ts';
import { allStages } from './stage-row.ts';
import { checkedTags } from './tag-set.ts';

const YEAR_MS = 365 * 86_400_000;

const show = ({ privateKeyPem: _secret, ...row }: ClientCertificateRow): ClientCertificate =>
  withoutEmpty({
    ...row,
    createdDate: new Date(row.createdDate),
    expirationDate: new Date(row.expirationDate),
    tags: filled({ ...row.tags }),
  });

export const clientCertificateOperations = (ports: ApiGatewayPorts) => ({
  GenerateClientCertificate: async (
    input: GenerateClientCertificateRequest,
    call: Call,
  ): Promise<ClientCertificate> => {
    const tags = checkedTags(input.tags);
    const createdDate = wholeSeconds(ports.now());
    const expirationDate = createdDate + YEAR_MS;
    // Key and signature are made before the transaction: they take a while.
    const { certificatePem, privateKeyPem } = await selfSignedCertificate({
      commonName: 'ApiGateway',
      serial: ports.random(8),
      notBeforeMs: createdDate,
      notAfterMs: expirationDate,
    });
    const row: ClientCertificateRow = {
      clientCertificateId: pinnedId(tags) ?? apiGatewayId(6, ports.random),
      description: patchText(input.description),
      pemEncodedCertificate: certificatePem,
      privateKeyPem,
      createdDate,
      expirationDate,
      tags,
    };
    await ports.store.transaction(async (rows) => {
      if ((await rows.list(clientCertificates, call.scope)).length >= limits.clientCertificates)
        throw quotaReached('Client Certificates', 'this account');
      await rows.put(clientCertificates, call.scope, row.clientCertificateId, row);
    });
    return show(row);
  },

  GetClientCertificate: async (
    input: GetClientCertificateRequest,
    call: Call,
  ): Promise<ClientCertificate> => {
    const row = await needCertificate(ports.store, call.scope, input.clientCertificateId);
    return { ...show(row), tags: { ...row.tags } };
  },

  GetClientCertificates: async (
    input: GetClientCertificatesRequest,
    call: Call,
  ): Promise<ClientCertificates> => {
    const page = await pageOfRows(ports.store, clientCertificates, call.scope, input);
    return { items: page.items.map(show), position: page.position };
  },

  UpdateClientCertificate: async (
    input: UpdateClientCertificateRequest,
    call: Call,
  ): Promise<ClientCertificate> =>
    ports.store.transaction(async (rows) => {
      const draft = draftOf(await needCertificate(rows, call.scope, input.clientCertificateId));
      applyPatches(draft, input.patchOperations, certificatePatches);
      await rows.put(clientCertificates, call.scope, draft.clientCertificateId, draft);
      return { ...show(draft), tags: { ...draft.tags } };
    }),

  DeleteClientCertificate: async (input: DeleteClientCertificateRequest, call: Call): Promise<object> => {
    await ports.store.transaction(async (rows) => {
      const { clientCertificateId } = await needCertificate(rows, call.scope, input.clientCertificateId);
      for (const { key: restApiId } of await rows.list(restApis, call.scope))
        for (const stage of await allStages(rows, call.scope, restApiId))
          if (stage.clientCertificateId === clientCertificateId)
            throw badRequest(
              `Client certificate ${clientCertificateId} is still in use by stage: ${restApiId}/${stage.stageName}`,
            );
      await rows.delete(clientCertificates, call.scope, clientCertificateId);
    });
    return {};
  },
});

export async function needCertificate(
  rows: Pick<Reader, 'get'>,
  scope: Scope,
  id: string | undefined,
): Promise<ClientCertificateRow> {
  const row = await rows.get(clientCertificates, scope, id ?? '');
  if (row === undefined) throw notFound('Invalid Client Certificate identifier specified');
  return row;
}

const certificatePatches: PatchRules<Draft<ClientCertificateRow>> = {
  refusals: bareRefusals,
  paths: [
    {
      path: '/description',
      replace: (certificate, value) => {
        certificate.description = patchText(value);
      },
    },
  ],
};
