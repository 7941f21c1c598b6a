/** ExportApi: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-export.html */
import type { ExportApiRequest, ExportApiResponse } from '@aws-sdk/client-apigatewayv2';
import type { Call } from '../../wire/service.ts';
import { readApi } from './api-row.ts';
import { snapshots, takeSnapshot } from './deployment-row.ts';
import { badRequest } from './faults.ts';
import { writeDefinition } from './openapi/write.ts';
import type { ApiGatewayV2Ports } from './ports.ts';
import { readStage } from './stage-row.ts';

export const exportOperations = (ports: ApiGatewayV2Ports) => ({
  ExportApi: async (input: ExportApiRequest, { scope }: Call): Promise<ExportApiResponse> => {
    const { ApiId = '', StageName, OutputType, Specification } = input;
    if (Specification !== 'OAS30')
      throw badRequest(`Invalid specification ${Specification}. Only OAS30 is supported`);
    if (input.ExportVersion !== undefined && input.ExportVersion !== '1.0')
      throw badRequest(`Invalid export version ${input.ExportVersion}. Only 1.0 is supported`);
    const document = await ports.store.read(async (rows) => {
      const api = await readApi(rows, scope, ApiId);
      if (api.ProtocolType !== 'HTTP') throw badRequest('Export is supported only for HTTP APIs');
      const stage = StageName === undefined ? undefined : await readStage(rows, scope, ApiId, StageName);
      const deployed =
        stage?.DeploymentId && (await rows.get(snapshots, scope, `${ApiId}/${stage.DeploymentId}`));
      const snapshot = deployed || (await takeSnapshot(rows, scope, ApiId));
      return writeDefinition(api, snapshot, {
        scope,
        stageName: StageName,
        extensions: input.IncludeExtensions ?? true,
      });
    });
    return { body: Buffer.from(await textOf(document, OutputType)) };
  },
});

async function textOf(document: object, outputType: string | undefined): Promise<string> {
  if (outputType === 'JSON') return JSON.stringify(document, null, 2);
  if (outputType !== 'YAML')
    throw badRequest(`Invalid output type ${outputType}. Must be one of [JSON, YAML]`);
  const yaml = await import('yaml');
  return yaml.stringify(document);
}
