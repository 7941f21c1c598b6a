/** Orders: their own function, memory and timeout. */
export const handler = async ({ routeKey, pathParameters }, { functionName, memoryLimitInMB }) => ({
  domain: 'orders',
  routeKey,
  id: pathParameters?.id,
  functionName,
  memoryLimitInMB,
});
