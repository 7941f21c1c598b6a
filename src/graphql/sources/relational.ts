/** Relational data sources, through the Data API. https://docs.aws.amazon.com/appsync/latest/devguide/resolver-reference-rds-js.html */
import type { DataSourceDocument } from '../config.ts';
import { mappingFailed } from '../errors.ts';
import type { GraphqlRequest } from '../resolve/request.ts';
import { operate, type Wanted } from './call.ts';

interface StatementAnswer {
  readonly records?: readonly unknown[][];
  readonly columnMetadata?: readonly object[];
  readonly numberOfRecordsUpdated?: number;
}

export async function callRelational(
  request: GraphqlRequest,
  source: DataSourceDocument,
  wanted: Wanted,
): Promise<unknown> {
  const {
    statements,
    variableMap = {},
    variableTypeHintMap = {},
  } = wanted as {
    statements?: readonly string[];
    variableMap?: Readonly<Record<string, unknown>>;
    variableTypeHintMap?: Readonly<Record<string, string>>;
  };
  if (!Array.isArray(statements) || statements.length < 1 || statements.length > 2)
    throw mappingFailed("Value for field '$[statements]' must be a list of one or two statements.");
  const { clusterArn, secretArn, region = '', database, schema } = source.relational ?? {};
  const parameters = Object.entries(variableMap).map(([place, value]) => ({
    name: place.replace(/^:/, ''),
    value: fieldOf(value),
    ...(variableTypeHintMap[place] && { typeHint: variableTypeHintMap[place] }),
  }));
  const results: StatementAnswer[] = [];
  for (const sql of statements)
    results.push(
      await operate<StatementAnswer>(
        request,
        source,
        { service: 'rds-data', prefix: 'RDSDataApi', region },
        'ExecuteStatement',
        {
          resourceArn: clusterArn,
          secretArn,
          sql,
          includeResultMetadata: true,
          parameters: parameters.filter(({ name }) => new RegExp(`:${name}\\b`).test(sql)),
          ...(database !== undefined && { database }),
          ...(schema !== undefined && { schema }),
        },
      ),
    );
  return JSON.stringify({ sqlStatementResults: results });
}

function fieldOf(value: unknown): object {
  switch (typeof value) {
    case 'string':
      return { stringValue: value };
    case 'boolean':
      return { booleanValue: value };
    case 'number':
      return Number.isInteger(value) ? { longValue: value } : { doubleValue: value };
    default:
      return value === null || value === undefined
        ? { isNull: true }
        : { stringValue: JSON.stringify(value) };
  }
}
