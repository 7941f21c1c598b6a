export const handler = async (_event, { functionVersion }) => ({
  release: process.env.RELEASE,
  functionVersion,
});
