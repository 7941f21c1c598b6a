/**
 * What AppSync's JavaScript finds inside of its sandbox: `@aws-appsync/utils` and its modules, as one script. It runs in
 * the isolated engine only; `__host(name, arguments)` makes values, everything else is here.
 */
(() => {
  const host = globalThis.__host;
  delete globalThis.__host;
  const call = (name, given) => {
    const answer = JSON.parse(host(name, JSON.stringify(given.map((value) => (value === undefined ? null : value)))));
    if (answer.error !== undefined) throw new Error(answer.error);
    return answer.value;
  };
  const pure = (prefix, names) =>
    Object.fromEntries(names.map((name) => [name, (...given) => call(prefix === '' ? name : `${prefix}.${name}`, given)]));

  class AppSyncError extends Error {
    constructor(message, type, data, info) {
      super(message);
      this.told = { message: String(message), errorType: type ?? null, data: data ?? null, errorInfo: info ?? null };
    }
  }
  class Early extends Error {
    constructor(value, skipTo) {
      super('early return');
      this.value = value;
      this.skipTo = skipTo;
    }
  }

  let effects;
  let field;
  /** The typed values of DynamoDB are made here: every resolver of a table makes some, and the way out costs more. */
  function typedValues() {
    const typed = (kind) => (value) => ({ [kind]: value });
    const toDynamoDB = (value) => {
      if (value === null || value === undefined) return { NULL: null };
      if (typeof value === 'string') return { S: value };
      if (typeof value === 'boolean') return { BOOL: value };
      if (typeof value === 'number') return { N: value };
      if (Array.isArray(value)) return { L: value.map(toDynamoDB) };
      return '__set' in value ? { [value.__set]: value.list } : { M: toMapValues(value) };
    };
    const toMapValues = (map) =>
      Object.fromEntries(Object.entries(map ?? {}).map(([name, value]) => [name, toDynamoDB(value)]));
    return {
      toDynamoDB,
      toMapValues,
      toString: typed('S'),
      toStringSet: typed('SS'),
      toNumber: typed('N'),
      toNumberSet: typed('NS'),
      toBinary: typed('B'),
      toBinarySet: typed('BS'),
      toBoolean: typed('BOOL'),
      toNull: () => ({ NULL: null }),
      toList: (list) => ({ L: list.map(toDynamoDB) }),
      toMap: (map) => ({ M: toMapValues(map) }),
    };
  }
  const util = {
    ...pure('', ['escapeJavaScript', 'urlEncode', 'urlDecode', 'base64Encode', 'base64Decode', 'autoId', 'autoUlid', 'autoKsuid', 'matches']),
    error(message, type, data, info) {
      throw new AppSyncError(message, type, data, info);
    },
    appendError(message, type, data, info) {
      effects.appended.push(new AppSyncError(message, type, data, info).told);
    },
    unauthorized() {
      throw new AppSyncError(`Not Authorized to access ${field.fieldName} on type ${field.parentTypeName}`, 'Unauthorized');
    },
    authType: () => field.authType,
    time: pure('time', ['nowISO8601', 'nowEpochSeconds', 'nowEpochMilliSeconds', 'nowFormatted', 'parseFormattedToEpochMilliSeconds', 'parseISO8601ToEpochMilliSeconds', 'epochMilliSecondsToSeconds', 'epochMilliSecondsToISO8601', 'epochMilliSecondsToFormatted']),
    dynamodb: { ...pure('dynamodb', ['toS3Object', 'fromS3ObjectJson']), ...typedValues() },
    str: pure('str', ['normalize']),
    math: pure('math', ['roundNum', 'minVal', 'maxVal', 'randomDouble', 'randomWithinRange']),
    transform: pure('transform', ['toDynamoDBFilterExpression', 'toDynamoDBConditionExpression', 'toElasticsearchQueryDSL', 'toSubscriptionFilter']),
    rds: pure('rds', ['toJsonObject']),
    xml: pure('xml', ['toMap', 'toJsonString']),
    http: {
      ...pure('http', ['copyHeaders']),
      addResponseHeader(name, value) {
        effects.responseHeaders[name] = String(value);
      },
      addResponseHeaders(headers) {
        for (const [name, value] of Object.entries(headers)) effects.responseHeaders[name] = String(value);
      },
    },
  };
  const extensions = {
    setSubscriptionFilter(filter) {
      effects.subscriptionFilter = filter;
    },
    setSubscriptionInvalidationFilter(filter) {
      effects.invalidationFilter = filter;
    },
    invalidateSubscriptions(invalidation) {
      effects.invalidations.push(invalidation);
    },
    evictFromApiCache(typeName, fieldName, keys) {
      effects.evictions.push({ typeName, fieldName, keys: keys ?? {} });
    },
  };
  const runtime = {
    earlyReturn(value, options) {
      throw new Early(value, options?.skipTo);
    },
  };

  const values = util.dynamodb.toMapValues;
  const isOperation = (value) => typeof value === 'object' && value !== null && typeof value.__operation === 'string';
  const operation = (name, ...given) => ({ __operation: name, given });
  const operations = {
    add: (value) => operation('add', value),
    remove: () => operation('remove'),
    replace: (value) => operation('replace', value),
    increment: (by = 1) => operation('increment', by),
    decrement: (by = 1) => operation('decrement', by),
    append: (items) => operation('append', items),
    prepend: (items) => operation('prepend', items),
    updateListItem: (value, index) => operation('updateListItem', value, index),
  };
  const condition = (given) => (given === undefined ? undefined : JSON.parse(util.transform.toDynamoDBConditionExpression(given)));
  const projection = (fields) => {
    if (fields === undefined) return undefined;
    const names = {};
    const parts = fields.map((path) => path.split('.').map((part) => {
      const name = part.replace(/\[\d+\]$/, '');
      names[`#${name}`] = name;
      return `#${part}`;
    }).join('.'));
    return { expression: parts.join(', '), expressionNames: names };
  };
  const sorted = (key) => {
    const made = { expression: [], expressionNames: {}, expressionValues: {} };
    for (const [name, tests] of Object.entries(key)) {
      const one = JSON.parse(util.transform.toDynamoDBConditionExpression({ [name]: tests }));
      made.expression.push(one.expression);
      Object.assign(made.expressionNames, one.expressionNames);
      Object.assign(made.expressionValues, one.expressionValues);
    }
    return { ...made, expression: made.expression.join(' AND ') };
  };
  const updateOf = (update) => {
    const names = {};
    const made = {};
    const parts = { SET: [], REMOVE: [], ADD: [] };
    for (const [path, value] of Object.entries(update)) {
      const steps = path.split('.');
      for (const step of steps) names[`#${step}`] = step;
      const name = steps.map((step) => `#${step}`).join('.');
      const place = `:${path.replace(/\./g, '_')}`;
      const set = (text, typed) => {
        parts.SET.push(text);
        made[place] = util.dynamodb.toDynamoDB(typed);
      };
      if (!isOperation(value)) {
        set(`${name} = ${place}`, value);
        continue;
      }
      const [given, index] = value.given;
      switch (value.__operation) {
        case 'remove':
          parts.REMOVE.push(name);
          break;
        case 'increment':
          set(`${name} = ${name} + ${place}`, given);
          break;
        case 'decrement':
          set(`${name} = ${name} - ${place}`, given);
          break;
        case 'append':
          set(`${name} = list_append(${name}, ${place})`, given);
          break;
        case 'prepend':
          set(`${name} = list_append(${place}, ${name})`, given);
          break;
        case 'updateListItem':
          set(`${name}[${index}] = ${place}`, given);
          break;
        case 'add':
          set(`${name} = ${place}`, given);
          break;
        default:
          set(`${name} = ${place}`, given);
      }
    }
    const expression = Object.entries(parts)
      .filter(([, list]) => list.length > 0)
      .map(([verb, list]) => `${verb} ${list.join(', ')}`)
      .join(' ');
    return { expression, expressionNames: names, expressionValues: made };
  };
  const keep = (object) => Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
  const dynamodb = {
    get: (given) => keep({ operation: 'GetItem', key: values(given.key), consistentRead: given.consistentRead, projection: projection(given.projection) }),
    put: (given) => keep({ operation: 'PutItem', key: values(given.key), attributeValues: values(given.item), condition: condition(given.condition), customPartitionKey: given.customPartitionKey, populateIndexFields: given.populateIndexFields, _version: given._version }),
    update: (given) => keep({ operation: 'UpdateItem', key: values(given.key), update: updateOf(given.update), condition: condition(given.condition), customPartitionKey: given.customPartitionKey, populateIndexFields: given.populateIndexFields, _version: given._version }),
    remove: (given) => keep({ operation: 'DeleteItem', key: values(given.key), condition: condition(given.condition), customPartitionKey: given.customPartitionKey, populateIndexFields: given.populateIndexFields, _version: given._version }),
    query: (given) => keep({ operation: 'Query', query: sorted(given.query), index: given.index, nextToken: given.nextToken, limit: given.limit, scanIndexForward: given.scanIndexForward, consistentRead: given.consistentRead, select: given.select, filter: given.filter === undefined ? undefined : JSON.parse(util.transform.toDynamoDBFilterExpression(given.filter)), projection: projection(given.projection) }),
    scan: (given) => keep({ operation: 'Scan', index: given.index, nextToken: given.nextToken, limit: given.limit, consistentRead: given.consistentRead, select: given.select, totalSegments: given.totalSegments, segment: given.segment, filter: given.filter === undefined ? undefined : JSON.parse(util.transform.toDynamoDBFilterExpression(given.filter)), projection: projection(given.projection) }),
    sync: (given) => keep({ operation: 'Sync', ...given }),
    batchGet: (given) => ({ operation: 'BatchGetItem', tables: Object.fromEntries(Object.entries(given.tables).map(([name, table]) => [name, keep({ keys: table.keys.map(values), consistentRead: table.consistentRead, projection: projection(table.projection) })])) }),
    batchPut: (given) => ({ operation: 'BatchPutItem', tables: Object.fromEntries(Object.entries(given.tables).map(([name, items]) => [name, items.map(values)])) }),
    batchDelete: (given) => ({ operation: 'BatchDeleteItem', tables: Object.fromEntries(Object.entries(given.tables).map(([name, keys]) => [name, keys.map(values)])) }),
    transactGet: (given) => ({ operation: 'TransactGetItems', transactItems: given.items.map((item) => keep({ table: item.table, key: values(item.key), projection: projection(item.projection) })) }),
    transactWrite: (given) => ({
      operation: 'TransactWriteItems',
      transactItems: given.items.map((item) => {
        if (item.putItem !== undefined) return keep({ table: item.putItem.table, operation: 'PutItem', key: values(item.putItem.key), attributeValues: values(item.putItem.item), condition: condition(item.putItem.condition) });
        if (item.updateItem !== undefined) return keep({ table: item.updateItem.table, operation: 'UpdateItem', key: values(item.updateItem.key), update: updateOf(item.updateItem.update), condition: condition(item.updateItem.condition) });
        if (item.deleteItem !== undefined) return keep({ table: item.deleteItem.table, operation: 'DeleteItem', key: values(item.deleteItem.key), condition: condition(item.deleteItem.condition) });
        return keep({ table: item.conditionCheck.table, operation: 'ConditionCheck', key: values(item.conditionCheck.key), condition: condition(item.conditionCheck.condition) });
      }),
    }),
    toStringSet: (list) => ({ __set: 'SS', list }),
    toNumberSet: (list) => ({ __set: 'NS', list }),
    toBinarySet: (list) => ({ __set: 'BS', list }),
    operations,
  };

  const typeHint = Object.fromEntries(['DATE', 'TIME', 'TIMESTAMP', 'UUID', 'DECIMAL', 'JSON'].map((name) => [name, (value) => ({ __hint: name, value })]));
  const rds = {
    typeHint,
    toJsonObject: util.rds.toJsonObject,
    sql: (parts, ...given) => ({ __sql: 'raw', text: parts.raw ?? parts, given }),
    select: (given) => ({ __sql: 'select', ...given }),
    insert: (given) => ({ __sql: 'insert', ...given }),
    update: (given) => ({ __sql: 'update', ...given }),
    remove: (given) => ({ __sql: 'remove', ...given }),
    createPgStatement: (...statements) => call('rds.createStatement', ['pg', statements]),
    createMySQLStatement: (...statements) => call('rds.createStatement', ['mysql', statements]),
    agg: pureAggregates(),
  };
  function pureAggregates() {
    return Object.fromEntries(['count', 'countDistinct', 'sum', 'sumDistinct', 'avg', 'avgDistinct', 'min', 'max', 'minDistinct', 'maxDistinct'].map((name) => [name, (column) => ({ __aggregate: name, column })]));
  }

  globalThis.__modules = {
    '@aws-appsync/utils': { util, extensions, runtime },
    '@aws-appsync/utils/dynamodb': dynamodb,
    '@aws-appsync/utils/rds': rds,
  };
  const print = (level) => (...given) => {
    effects.logs.push({ level, message: given.map((value) => (typeof value === 'string' ? value : JSON.stringify(value))).join(' ') });
  };
  globalThis.console = { log: print('INFO'), error: print('ERROR') };

  /** Runs one handler over a context given as text, and tells as text what came of it. */
  globalThis.__run = (handler, contextText, fieldText) => {
    const ctx = JSON.parse(contextText);
    field = JSON.parse(fieldText);
    effects = { appended: [], responseHeaders: {}, evictions: [], invalidations: [], logs: [] };
    ctx.args = ctx.arguments;
    const told = (more) => JSON.stringify({ ...more, stash: ctx.stash, effects });
    try {
      const value = handler(ctx);
      return told({ kind: 'value', value: value === undefined ? null : value });
    } catch (thrown) {
      if (thrown instanceof Early) return told({ kind: 'early', value: thrown.value ?? null, skipsAll: thrown.skipTo === 'END' });
      if (thrown instanceof AppSyncError) return told({ kind: 'error', told: thrown.told });
      return told({ kind: 'broken', message: thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown) });
    }
  };
})();
