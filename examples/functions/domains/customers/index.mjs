/** Customers: a smaller function, which a flood of orders does not slow down. */
export const handler = async ({ pathParameters }, { functionName, memoryLimitInMB }) => ({
  domain: 'customers',
  id: pathParameters.id,
  functionName,
  memoryLimitInMB,
});
