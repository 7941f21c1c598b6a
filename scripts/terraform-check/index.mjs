/** The function behind both APIs of the check. */
export const handler = async (event) => ({
  statusCode: 200,
  body: JSON.stringify({ greeting: process.env.GREETING, id: event.pathParameters?.id }),
});
