export const handler = async ({ stageVariables }, { functionVersion, invokedFunctionArn }) => ({
  statusCode: 200,
  body: JSON.stringify({
    alias: stageVariables.lambdaAlias,
    functionVersion,
    invokedAs: invokedFunctionArn.split(':').at(-1),
  }),
});
