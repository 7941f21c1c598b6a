/** ImportApiKeys: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-key-file-format.html */
import type { ApiKeyIds, ImportApiKeysRequest } from '@aws-sdk/client-api-gateway';
import { isFault } from '../../base/fault.ts';
import type { Scope } from '../../base/scope.ts';
import type { Transaction } from '../../store/store.ts';
import type { Call } from '../../wire/service.ts';
import { createApiKey } from './api-key.ts';
import { apiKeyOfValue, type ApiKeyRow } from './api-key-row.ts';
import { badRequest } from './faults.ts';
import type { ApiGatewayPorts } from './ports.ts';
import { usagePlans } from './usage-plan-row.ts';
import { addKeyToPlan } from './usage-plan-key.ts';

export const importApiKeysOperations = (ports: ApiGatewayPorts) => ({
  ImportApiKeys: async (input: ImportApiKeysRequest, call: Call): Promise<ApiKeyIds> => {
    const records = readRecords(Buffer.from(input.body ?? new Uint8Array()).toString('utf8'));
    return ports.store.transaction(async (rows) => {
      const warnings: string[] = [];
      const ids: string[] = [];
      for (const [index, record] of records.entries())
        ids.push(...(await importOne(ports, rows, record, index + 1, warnings, call.scope)));
      if (input.failOnWarnings && warnings.length > 0)
        throw badRequest(`Warnings found during import:\n\t${warnings.join('\n\t')}`);
      return warnings.length > 0 ? { ids, warnings } : { ids };
    });
  },
});

type CsvRecord = Readonly<Record<string, string>>;

/** The id of the key made or found; none when the record cannot be one. */
async function importOne(
  ports: ApiGatewayPorts,
  rows: Transaction,
  record: CsvRecord,
  number: number,
  warnings: string[],
  scope: Scope,
): Promise<string[]> {
  try {
    const key = await keyOf(ports, rows, record, scope);
    for (const planId of (record['usageplanids'] ?? '')
      .split(',')
      .map((id) => id.trim())
      .filter(Boolean)) {
      const plan = await rows.get(usagePlans, scope, planId);
      if (plan) await addKeyToPlan(rows, scope, plan, key);
      else
        warnings.push(
          `Skipped usage plan association for record: ${number}. Invalid Usage Plan ID specified`,
        );
    }
    return [key.id];
  } catch (thrown) {
    if (!isFault(thrown)) throw thrown;
    warnings.push(`Skipped import for record: ${number}. ${thrown.message}`);
    return [];
  }
}

async function keyOf(
  ports: ApiGatewayPorts,
  rows: Transaction,
  record: CsvRecord,
  scope: Scope,
): Promise<ApiKeyRow> {
  const { name, key: value, description } = record;
  const row = value === undefined ? undefined : await apiKeyOfValue(rows, scope, value);
  if (row) return row;
  const enabled = (record['enabled'] ?? 'true').toLowerCase() === 'true';
  return createApiKey(ports, rows, { name, value, description, enabled }, scope);
}

/** The first line names the columns, in any case and order; `name` and `key` must be among them. */
function readRecords(text: string): CsvRecord[] {
  const [header, ...lines] = readCsv(text.replace(/^\uFEFF/, ''));
  const columns = (header ?? []).map((name) => name.trim().toLowerCase());
  if (!columns.includes('key') || !columns.includes('name'))
    throw badRequest('Invalid import file: the first line must name the columns Name and key');
  return lines
    .filter((cells) => cells.some((cell) => cell.trim() !== ''))
    .map((cells) => Object.fromEntries(columns.map((name, index) => [name, (cells[index] ?? '').trim()])));
}

/** Cells may stand in double quotes, a quote inside them doubled. */
function readCsv(text: string): string[][] {
  const lines: string[][] = [[]];
  const cell = /("(?:[^"]|"")*"|[^,\r\n]*)(,|\r?\n|$)/gy;
  for (let match = cell.exec(text); match !== null; match = cell.exec(text)) {
    const [, content = '', end = ''] = match;
    const value = content.startsWith('"') ? content.slice(1, -1).replaceAll('""', '"') : content;
    lines.at(-1)?.push(value);
    if (end === '' || cell.lastIndex >= text.length) break;
    if (end !== ',') lines.push([]);
  }
  return lines;
}
