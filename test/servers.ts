/** How the journeys reach the build: a plain host, a plain host below a folder, and one with isolation headers. */
export const SERVERS = {
  plain: { port: 4317, base: "/", isolated: false },
  folder: { port: 4318, base: "/some/folder/", isolated: false },
  isolated: { port: 4319, base: "/", isolated: true },
} as const;

export type ServerName = keyof typeof SERVERS;

/** Address of the studio on one of the servers, with a trailing slash. */
export function addressOf(name: ServerName): string {
  const { port, base } = SERVERS[name];
  return `http://localhost:${port}${base}`;
}
