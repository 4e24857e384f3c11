// Where the parts of a trail lie in a gateway's data directory.
import { join } from 'node:path'
import { listFurtherWorkers, spoolDirectory } from '../audit/audit.ts'

/** Of administrators' operations: the gateway is the one writer of its own spool. */
export function operationsSpool (dataDirectory: string): string {
  return join(dataDirectory, 'audit-cli')
}

export function checkpointsOf (dataDirectory: string): string {
  return join(dataDirectory, 'checkpoints')
}

export interface SpoolPlace { readonly directory: string, readonly name: string }

/** Of the gateway's own processes, with their names for people. */
export function gatewaySpools (dataDirectory: string): readonly SpoolPlace[] {
  return [
    { directory: spoolDirectory(dataDirectory, 1), name: 'the gateway\'s spool' },
    ...listFurtherWorkers(dataDirectory).map(worker => ({ directory: spoolDirectory(dataDirectory, worker), name: `the spool of worker ${worker}` })),
  ]
}

/** All spools. */
export function spoolsOf (dataDirectory: string): readonly SpoolPlace[] {
  return [...gatewaySpools(dataDirectory), { directory: operationsSpool(dataDirectory), name: 'the spool of operations' }]
}
