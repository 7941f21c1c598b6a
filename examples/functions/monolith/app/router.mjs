/** `[method, '/path/:parameter', (parameters, body) => answer]`, the first that fits. */
export function createRouter(routes) {
  const compiled = routes.map(([method, path, handle]) => ({
    method,
    handle,
    pattern: new RegExp(`^${path.replace(/:(\w+)/g, '(?<$1>[^/]+)')}$`),
  }));
  return (method, path) => {
    for (const route of compiled) {
      const match = route.method === method ? route.pattern.exec(path) : null;
      if (match) return (body) => route.handle(match.groups ?? {}, body);
    }
    return undefined;
  };
}
