/** RILL_E2E_PORT moves the three ports, so that several checkouts of one machine can run their journeys at once. */
const firstPort = Number(process.env.RILL_E2E_PORT ?? 4317);

/** How the journeys reach the build: a plain host, a plain host below a folder, and one with isolation headers. */
export const SERVERS = {
  plain: { port: firstPort, base: "/", isolated: false },
  folder: { port: firstPort + 1, base: "/some/folder/", isolated: false },
  isolated: { port: firstPort + 2, base: "/", isolated: true },
} as const;

export type ServerName = keyof typeof SERVERS;

/** Address of the studio on one of the servers, with a trailing slash. */
export function addressOf(name: ServerName): string {
  const { port, base } = SERVERS[name];
  return `http://localhost:${port}${base}`;
}
